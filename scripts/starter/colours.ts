// The colour word for a drawing, counted from its pixels.

import sharp from 'sharp';

const SIDE = 32;
/** A colour names the drawing when this share of what is drawn has it… */
const DOMINANT = 0.5;
/** …or, where it is no gray, this one and `LEAD` times as much as the next: a car has windows and wheels. */
const LEADING = 1 / 3;
const LEAD = 1.5;
const GRAYS = new Set(['black', 'white', 'gray']);

/**
 * @param picture bytes of a picture file with a transparent background.
 * @returns the word for the drawing's colour, or undefined if there is none.
 */
export async function colourOf(picture: Buffer): Promise<string | undefined> {
  const { data } = await sharp(picture)
    .resize(SIDE, SIDE)
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const counts = new Map<string, number>();
  let drawn = 0;
  for (let at = 0; at < data.length; at += 4) {
    if ((data[at + 3] ?? 0) < 128) continue;
    const word = colourWord(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
    counts.set(word, (counts.get(word) ?? 0) + 1);
    drawn += 1;
  }
  const [[word, most] = ['', 0], [, next] = ['', 0]] = [...counts].sort((a, b) => b[1] - a[1]);
  const leads = !GRAYS.has(word) && most >= LEADING * drawn && most >= LEAD * next;
  return most > 0 && (most >= DOMINANT * drawn || leads) ? word : undefined;
}

/** Upper bounds of hue in degrees, and the word below each; red wraps around. */
const hues: readonly [number, string][] = [
  [12, 'red'],
  [42, 'orange'],
  [68, 'yellow'],
  [168, 'green'],
  [258, 'blue'],
  [300, 'purple'],
  [342, 'pink'],
  [360, 'red'],
];

/** The everyday word for one colour, channels 0 to 255. */
export function colourWord(red: number, green: number, blue: number): string {
  const high = Math.max(red, green, blue);
  const spread = high - Math.min(red, green, blue);
  const saturation = high === 0 ? 0 : spread / high;
  if (high < 60) return 'black';
  if (saturation < 0.16) return high > 215 ? 'white' : high < 90 ? 'black' : 'gray';
  const sector =
    high === red
      ? (green - blue) / spread
      : high === green
        ? 2 + (blue - red) / spread
        : 4 + (red - green) / spread;
  const hue = (sector * 60 + 360) % 360;
  const word = hues.find(([bound]) => hue < bound)?.[1] ?? 'red';
  if (word === 'orange' && (high < 190 || (saturation < 0.6 && high < 230))) return 'brown';
  if (word === 'red' && saturation < 0.65) return high > 200 ? 'pink' : 'brown';
  return word;
}

const words = new Set([...hues.map(([, word]) => word), 'brown', 'black', 'white', 'gray']);

/** Whether a name says a colour itself: "red apple" does, "tired face" does not. */
export function namesColour(name: string): boolean {
  return name.split(/[^a-z]+/).some((word) => words.has(word));
}
