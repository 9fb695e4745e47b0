// Drawings on backgrounds, one or two of them: what is between a cut-out on white and a photograph.

import sharp, { type OverlayOptions } from 'sharp';
import type { Random } from '#random';

/** Side of a scene, in pixels. */
const SIDE = 128;

/** Share of the side that the drawing of a scene with one, and each of one with two, takes. */
const ALONE = [0.55, 0.95] as const;
const PAIRED = [0.42, 0.58] as const;

type Rgb = [number, number, number];

/** A colour of any hue; `light` ones let black lines be seen. */
function colour(random: Random, light: boolean): Rgb {
  const low = light ? 150 : 20;
  return [0, 1, 2].map(() => Math.round(random.between(low, 255))) as Rgb;
}

/** One colour, a fall of two or four between the corners, or soft blotches with grain, as of a blurred photograph. */
async function background(random: Random, light: boolean): Promise<Buffer> {
  const cells = [1, 2, 2, 5, 8][Math.floor(random.between(0, 5))]!;
  const colours = Array.from({ length: cells * cells }, () => colour(random, light));
  const small = Buffer.from(colours.flat());
  const raw = { width: cells, height: cells, channels: 3 } as const;
  const soft = await sharp(small, { raw })
    .resize(SIDE, SIDE, { kernel: 'cubic', fit: 'fill' })
    .raw()
    .toBuffer();
  if (cells > 2) {
    const grain = random.between(0, 24);
    for (let at = 0; at < soft.length; at++) {
      soft[at] = Math.min(255, Math.max(0, soft[at]! + random.between(-grain, grain)));
    }
  }
  return soft;
}

async function placed(
  drawing: Buffer,
  random: Random,
  [low, high]: readonly [number, number],
  [left, right]: [number, number],
): Promise<OverlayOptions> {
  const side = Math.round(SIDE * random.between(low, high));
  const input = await sharp(drawing).resize(side, side).toBuffer();
  const room = Math.max(0, (right - left) * SIDE - side);
  return {
    input,
    left: Math.round(left * SIDE + random.uniform() * room),
    top: Math.round(random.uniform() * (SIDE - side)),
  };
}

/**
 * One or two drawings (picture files with transparent backgrounds) on a random background, as WebP.
 *
 * @param light whether the background is a light one: for drawings in black lines.
 */
export async function scene(drawings: Buffer[], random: Random, light: boolean): Promise<Buffer> {
  const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
  const behind = await background(random, light);
  const [first, second] = drawings;
  const overlays =
    second === undefined
      ? [await placed(first!, random, ALONE, [0, 1])]
      : [
          await placed(first!, random, PAIRED, [0, 0.5]),
          await placed(second, random, PAIRED, [0.42, 1]),
        ];
  return sharp(behind, { raw })
    .composite(overlays)
    .webp({ quality: Math.round(random.between(60, 95)), effort: 1 })
    .toBuffer();
}
