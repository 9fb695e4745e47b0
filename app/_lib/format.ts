// Numbers, shares, sizes, times and dates as a reader of each language expects them.
import type { Language } from './language';

const LOCALES: Record<Language, string> = { en: 'en-GB', zh: 'zh-CN' };

export interface Format {
  count(value: number): string;
  /** 0.712 as 71.2 %. */
  percent(share: number): string;
  /** A change of a share in points of a hundred, with its sign: +3.4. */
  points(change: number): string;
  bytes(bytes: number): string;
  duration(seconds: number): string;
  /** Day and time in a time zone. */
  moment(iso: string, timeZone: string): string;
}

const formats = new Map<Language, Format>();

export function formatFor(language: Language): Format {
  const known = formats.get(language);
  if (known !== undefined) return known;
  const made = makeFormat(LOCALES[language]);
  formats.set(language, made);
  return made;
}

function makeFormat(locale: string): Format {
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const tenth = new Intl.NumberFormat(locale, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const unit = (name: string, digits: number) =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    });
  const [seconds, minutes, hours] = [unit('second', 0), unit('minute', 0), unit('hour', 1)];
  const [megabytes, gigabytes] = [unit('megabyte', 0), unit('gigabyte', 1)];
  const moment = (timeZone: string) =>
    new Intl.DateTimeFormat(locale, {
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      timeZone,
    });
  return {
    count: (value) => whole.format(value),
    percent: (share) => `${tenth.format(100 * share)} %`,
    points: (change) => `${change < 0 ? '−' : '+'}${tenth.format(Math.abs(100 * change))}`,
    bytes: (bytes) => (bytes < 1e9 ? megabytes.format(bytes / 1e6) : gigabytes.format(bytes / 1e9)),
    duration: (value) => {
      if (value < 90) return seconds.format(value);
      return value < 5400 ? minutes.format(value / 60) : hours.format(value / 3600);
    },
    moment: (iso, timeZone) => moment(timeZone).format(new Date(iso)),
  };
}
