// Pictures that look alike: resized, saved again, or cropped by a hair. By hashes of their gradients.

import { inParallel } from '#parallel';
import { gradientHash } from '#perceptual-hash';
import { ImageError, openPicture } from '#picture';

/** Pictures that are decoded at once. */
const DECODING = 4;

/** A hash has this many rows of as many bits: whether the light falls from a cell to the next. */
const SIDE = 16;

/** Two pictures look alike when they have this share of either's falls in common. */
const ALIKE = 0.85;

/** Hashes with fewer falls are of pictures with nothing on them. */
const FALLS = 12;

/** More pictures with one row in common are taken to share a frame, not a subject. */
const COMMON = 200;

/** Mean colours of the picture's quarters, and how far those of two that look alike lie apart. */
const COLOURS = 12;
const APART = 28;

export interface Looks {
  /** [pictures, SIDE] rows of bits; a row of zeros for a picture that cannot be decoded. */
  rows: Uint16Array;
  /** [pictures, COLOURS] bytes. */
  colours: Uint8Array;
  /** Pictures that cannot be decoded, with the reason. */
  unreadable: Map<string, string>;
}

/** Decodes all pictures, small, a few at once; keeps 44 bytes of each. */
export async function lookAt(
  images: readonly string[],
  onProgress: (done: number, total: number) => void,
): Promise<Looks> {
  const rows = new Uint16Array(images.length * SIDE);
  const colours = new Uint8Array(images.length * COLOURS);
  const unreadable = new Map<string, string>();
  let done = 0;
  await inParallel(images, DECODING, async (image, index) => {
    try {
      const picture = await openPicture(image);
      const pixels = await picture.pixels(SIDE + 1, SIDE, 'linear');
      rows.set(gradientHash(pixels, SIDE), index * SIDE);
      colours.set(quarters(pixels), index * COLOURS);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      unreadable.set(image, error.message);
    }
    onProgress(++done, images.length);
  });
  return { rows, colours, unreadable };
}

/** One list of looks after another. */
export function joinLooks(parts: readonly Looks[]): Looks {
  return {
    rows: Uint16Array.from(parts.flatMap(({ rows }) => [...rows])),
    colours: Uint8Array.from(parts.flatMap(({ colours }) => [...colours])),
    unreadable: new Map(parts.flatMap(({ unreadable }) => [...unreadable])),
  };
}

/** Mean red, green and blue of each quarter. */
function quarters(pixels: Uint8Array): Uint8Array {
  const sums = new Float64Array(COLOURS);
  const half = SIDE / 2;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const quarter = 2 * Math.floor(y / half) + Math.floor(x / half);
      const at = 3 * (y * (SIDE + 1) + x);
      for (let channel = 0; channel < 3; channel++)
        sums[3 * quarter + channel]! += pixels[at + channel]!;
    }
  }
  return Uint8Array.from(sums, (sum) => Math.round(sum / half ** 2));
}

/**
 * Pairs of pictures that look alike, as places in the list, the lower first. Only pictures with a row
 * in common are compared, which those that look alike nearly always have.
 */
export function lookAlikes({ rows, colours }: Looks): [number, number][] {
  const count = rows.length / SIDE;
  const falls = Array.from({ length: count }, (_, at) => fallsOf(rows, at));
  const pairs = new Map<number, [number, number]>();
  for (let row = 0; row < SIDE; row++) {
    const sharing = new Map<number, number[]>();
    for (let at = 0; at < count; at++) {
      const bits = rows[at * SIDE + row]!;
      if (bits === 0 || falls[at]! < FALLS) continue;
      const others = sharing.get(bits) ?? [];
      if (others.length >= COMMON) continue;
      for (const other of others) {
        const key = other * count + at;
        if (!pairs.has(key) && sameColours(colours, other, at) && alike(rows, other, at))
          pairs.set(key, [other, at]);
      }
      sharing.set(bits, [...others, at]);
    }
  }
  return [...pairs.values()].sort(([a, b], [c, d]) => a - c || b - d);
}

function sameColours(colours: Uint8Array, a: number, b: number): boolean {
  for (let at = 0; at < COLOURS; at++) {
    if (Math.abs(colours[a * COLOURS + at]! - colours[b * COLOURS + at]!) > APART) return false;
  }
  return true;
}

function alike(rows: Uint16Array, a: number, b: number): boolean {
  let [both, either] = [0, 0];
  for (let row = 0; row < SIDE; row++) {
    const [x, y] = [rows[a * SIDE + row]!, rows[b * SIDE + row]!];
    both += bitCount(x & y);
    either += bitCount(x | y);
  }
  return both >= ALIKE * either;
}

function fallsOf(rows: Uint16Array, at: number): number {
  return rows.subarray(at * SIDE, (at + 1) * SIDE).reduce((sum, bits) => sum + bitCount(bits), 0);
}

function bitCount(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count++;
  return count;
}
