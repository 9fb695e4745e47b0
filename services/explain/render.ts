// A heat map as light that is laid over its picture: dark where nothing speaks for the query, warm where most does.

import sharp from 'sharp';
import type { Preprocessing } from '#preprocess';
import { valueAt, type HeatMap } from './heat-map';

/** Pixels of the longer side; it is stretched over the picture, and is all soft edges anyway. */
const LONGER_SIDE = 320;
/** Of 255: how dark what says nothing becomes, and how warm what says most. */
const DARK = 150;
const WARM = 120;

type Bytes = Uint8Array<ArrayBuffer>;

/** The layer as WebP, in the shape of the picture, whose middle alone may be what the model sees. */
export async function renderHeat(
  map: HeatMap,
  picture: { width: number; height: number },
  preprocessing: Preprocessing,
): Promise<Bytes> {
  const scale = LONGER_SIDE / Math.max(picture.width, picture.height);
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const seen = seenPart(picture, preprocessing);
  const pixels = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = ((x + 0.5) / width - seen.left) / seen.width;
      const v = ((y + 0.5) / height - seen.top) / seen.height;
      const inside = u >= 0 && u <= 1 && v >= 0 && v <= 1;
      paint(pixels, 4 * (y * width + x), inside ? valueAt(map, u, v) : 0);
    }
  }
  const raw = { width, height, channels: 4 } as const;
  return new Uint8Array(await sharp(pixels, { raw }).webp({ quality: 80 }).toBuffer());
}

/** Below a half it gets dark, above it warm. */
function paint(pixels: Buffer, at: number, heat: number): void {
  if (heat < 0.5) pixels.set([8, 10, 24, Math.round(DARK * (1 - 2 * heat))], at);
  else pixels.set([255, 120, 20, Math.round(WARM * (2 * heat - 1))], at);
}

/** The part of a picture that the model sees, as shares of its width and height. */
export function seenPart(
  { width, height }: { width: number; height: number },
  { resize, crop, width: seenWidth, height: seenHeight }: Preprocessing,
) {
  if (!crop || (resize !== null && 'width' in resize)) {
    return { left: 0, top: 0, width: 1, height: 1 };
  }
  const scale = resize === null ? 1 : resize.shortestEdge / Math.min(width, height);
  const across = seenWidth / (width * scale);
  const down = seenHeight / (height * scale);
  return { left: (1 - across) / 2, top: (1 - down) / 2, width: across, height: down };
}
