// Numbers, shares, sizes, times and dates as a reader of each language expects them.
import type { Language } from './language';

const LOCALES: Record<Language, string> = { en: 'en-GB', zh: 'zh-CN' };

const COMMAS: Record<Language, string> = { en: ', ', zh: '，' };
/** Seconds, minutes, hours. Written here: Node and browsers do not put them the same way. */
type Units = [string, string, string];
const UNITS: Record<Language, Units> = { en: ['s', 'min', 'h'], zh: ['秒', '分钟', '小时'] };

export interface Format {
  count(value: number): string;
  /** 0.712 as 71.2 %. */
  percent(share: number): string;
  /** A change of a share in points of a hundred, with its sign: +3.4. */
  points(change: number): string;
  bytes(bytes: number): string;
  duration(seconds: number): string;
  /** Parts of one line. */
  list(parts: string[]): string;
  /** Day and time in a time zone; what cameras write is kept as UTC. */
  moment(iso: string, timeZone: string): string;
  day(iso: string): string;
  month(iso: string): string;
}

const formats = new Map<Language, Format>();

export function formatFor(language: Language): Format {
  const known = formats.get(language);
  if (known !== undefined) return known;
  const made = makeFormat(LOCALES[language], UNITS[language], COMMAS[language]);
  formats.set(language, made);
  return made;
}

function makeFormat(locale: string, [seconds, minutes, hours]: Units, comma: string): Format {
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const tenth = new Intl.NumberFormat(locale, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const date = (parts: Intl.DateTimeFormatOptions, timeZone = 'UTC') => {
    const format = new Intl.DateTimeFormat(locale, { ...parts, timeZone });
    return (iso: string) => format.format(new Date(iso));
  };
  const day = { day: 'numeric', month: 'short', year: 'numeric' } as const;
  const minute = { ...day, hour: '2-digit', minute: '2-digit' } as const;
  return {
    count: (value) => whole.format(value),
    percent: (share) => `${tenth.format(100 * share)} %`,
    points: (change) => `${change < 0 ? '−' : '+'}${tenth.format(Math.abs(100 * change))}`,
    bytes: (bytes) => {
      const [unit, name] = bytes < 1e6 ? [1e3, 'kB'] : bytes < 1e9 ? [1e6, 'MB'] : [1e9, 'GB'];
      const size = bytes / unit;
      return `${(size < 10 ? tenth : whole).format(size)} ${name}`;
    },
    duration: (value) => {
      if (value < 90) return `${whole.format(value)} ${seconds}`;
      if (value < 5400) return `${whole.format(value / 60)} ${minutes}`;
      return `${tenth.format(value / 3600)} ${hours}`;
    },
    list: (parts) => parts.join(comma),
    moment: (iso, timeZone) => date(minute, timeZone)(iso),
    day: date(day),
    month: date({ month: 'long', year: 'numeric' }),
  };
}
