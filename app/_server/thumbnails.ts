// Smaller WebP pictures for the grid and for looking at one, made once per content and kept in the data folder.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import sharp from 'sharp';
import { config } from '#config';
import type { ItemDetail } from '#catalog';
import { openPicture, type Pixels } from '#picture';
import { HttpProblem } from './problem';

type Picture = Uint8Array<ArrayBuffer>;

export type ThumbnailSize = 'small' | 'medium' | 'large';

interface Recipe {
  /** At most, in pixels; panoramas may be long. */
  height: number;
  width: number;
  /** Whether a cut-out gets room around it. */
  margin: boolean;
  /** Goes into the cached file's name: a change of the recipe makes new files. */
  name: string;
}

/** A row on the page is 208 pixels high; dense screens have two for each. */
const RECIPES: Record<ThumbnailSize, Recipe> = {
  small: { height: 208, width: 700, margin: true, name: 's' },
  medium: { height: 416, width: 1400, margin: true, name: 'a' },
  large: { height: 1600, width: 1600, margin: false, name: 'l' },
};
/** Room around a picture with a transparent border, so that it does not touch its tile's edge. */
const MARGIN = 0.11;

/** Decoding uses all cores already; more at a time would only take memory. */
const AT_ONCE = 3;
const making = new Map<string, Promise<Picture>>();
const waiting: (() => void)[] = [];
let running = 0;

/** The thumbnail of an item. Throws a 404 if its file is gone, a 422 if it can no longer be decoded. */
export async function thumbnail(
  item: ItemDetail,
  size: ThumbnailSize = 'medium',
): Promise<Picture> {
  const { sha256 } = item;
  const recipe = RECIPES[size];
  const folder = path.join(config().home, 'thumbnails', sha256.slice(0, 2));
  const file = path.join(folder, `${sha256}-${recipe.name}.webp`);
  const kept = await readFile(file).catch(() => null);
  if (kept !== null) return kept;

  const underWay =
    making.get(file) ?? inTurn(() => make(item, recipe)).then((bytes) => keep(file, bytes));
  making.set(file, underWay);
  return underWay.finally(() => making.delete(file));
}

async function keep(file: string, bytes: Picture): Promise<Picture> {
  const beside = `${file}.${randomUUID()}`;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(beside, bytes);
  await rename(beside, file);
  return bytes;
}

async function make(item: ItemDetail, recipe: Recipe): Promise<Picture> {
  if (item.path === null) throw new HttpProblem(404, `The file of picture ${item.id} is gone.`);
  try {
    const picture = await openPicture(item.path);
    const pixels = await picture.fitted(recipe.width, recipe.height);
    const { data, width, height } = pixels;
    const margin = recipe.margin && hasClearBorder(pixels) ? MARGIN : 0;
    const [x, y] = [Math.round(width * margin), Math.round(height * margin)];
    return await sharp(data, { raw: { width, height, channels: 4 } })
      .extend({ top: y, bottom: y, left: x, right: x, background: { r: 0, g: 0, b: 0, alpha: 0 } })
      .webp({ quality: 84, alphaQuality: 90 })
      .toBuffer();
  } catch (cause) {
    throw new HttpProblem(404, `The file of picture ${item.id} cannot be read any more.`, {
      cause,
    });
  }
}

/** Whether all four corners of an RGBA picture are transparent: a cut-out, not a photograph. */
function hasClearBorder({ data, width, height }: Pixels) {
  const corners = [0, width - 1, (height - 1) * width, height * width - 1];
  return corners.every((pixel) => data[pixel * 4 + 3] === 0);
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await work();
  } finally {
    // The turn is handed on, or given up when nobody waits.
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}
