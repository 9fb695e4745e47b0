// Training pairs: pictures with their captions, from lists, folders or the catalog, split by picture.

import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { FOLDER_LISTS, readCaptionRows, readSideText, sideFile, type CaptionRow } from '#captions';
import { openCatalog } from '#catalog';
import { Random } from '#random';

/** One picture and every caption that is true of it. */
export interface Pair {
  /** Absolute path. */
  image: string;
  captions: string[];
  /** Its class, where the data names one beside the captions. */
  label?: string;
}

/** Endings of files that a folder's captions can belong to. */
const PICTURES = /\.(jpe?g|png|webp|avif|gif|tiff?|svg)$/i;

/** A set as it stands where it was read from. Rows of one picture are one pair. */
export interface Source {
  /** As it was asked for; for a folder's list, that list. */
  name: string;
  pairs: Pair[];
  rows: number;
  /** Rows that say of a picture what a row before said. */
  repeated: number;
  /** Rows of a list that have no caption, by their places. */
  uncaptioned: string[];
  /** Pictures of a folder or collection that are left out: nothing says their captions. */
  bare: number;
}

/**
 * Reads a list (JSONL, CSV, TSV, COCO captions JSON: services/captions), a folder (its metadata.jsonl
 * or metadata.csv, or a `.txt` beside each picture), or `collection:NAME` of the catalog. `captionless`:
 * pictures need no captions. Throws one line that names file and row where one is wrong.
 */
export async function readSource(name: string, captionless = false): Promise<Source> {
  const source = name.startsWith(COLLECTION)
    ? await collectionSource(name, captionless)
    : await pathSource(name, captionless);
  if (source.pairs.length === 0 && source.uncaptioned.length === 0) {
    throw new Error(`${name} holds no pictures${captionless ? '' : ' with captions'}`);
  }
  return source;
}

/** The pairs of a source. Throws one line also where rows have no caption. */
export async function readPairs(name: string): Promise<Pair[]> {
  const source = await readSource(name);
  requireCaptions(source);
  return source.pairs;
}

/** Throws one line that names the first row without a caption. */
export function requireCaptions({ name, uncaptioned }: Source): void {
  if (uncaptioned.length === 0) return;
  const [first, ...others] = uncaptioned;
  const more = others.length === 0 ? '' : `, and ${others.length} more rows have none`;
  throw new Error(`${name}: ${first} has no caption${more}; write one or leave the row out`);
}

const COLLECTION = 'collection:';

async function pathSource(name: string, captionless: boolean): Promise<Source> {
  const entry = await stat(name).catch((cause: Error) => {
    throw new Error(`data ${name} cannot be read: ${cause.message}`, { cause });
  });
  if (!entry.isDirectory()) return listSource(name, captionless);
  const names = await readdir(name);
  const list = FOLDER_LISTS.find((one) => names.includes(one));
  return list === undefined
    ? sideSource(name, captionless)
    : listSource(path.join(name, list), captionless);
}

async function listSource(file: string, captionless: boolean): Promise<Source> {
  const byImage = new Map<string, { captions: Set<string>; label?: string }>();
  const uncaptioned: string[] = [];
  let repeated = 0;
  const rows = await readRows(file);
  for (const { image, texts, label, where } of rows) {
    if (texts.length === 0 && !captionless) {
      uncaptioned.push(where);
      continue;
    }
    const entry = byImage.get(image);
    const captions = entry?.captions ?? new Set();
    if (entry !== undefined && texts.every(({ text }) => captions.has(text))) repeated++;
    for (const { text } of texts) captions.add(text);
    if (entry === undefined) byImage.set(image, { captions, ...(label && { label }) });
  }
  const pairs = [...byImage].map(([image, { captions, ...rest }]) => ({
    image,
    captions: [...captions],
    ...rest,
  }));
  return { name: file, pairs, rows: rows.length, repeated, uncaptioned, bare: 0 };
}

async function readRows(file: string): Promise<CaptionRow[]> {
  try {
    return await readCaptionRows(file);
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}`, { cause });
  }
}

/** Pictures of a folder and of those below it that have a text beside them, by path. */
async function sideSource(folder: string, captionless: boolean): Promise<Source> {
  const names = await readdir(folder, { recursive: true });
  const pairs: Pair[] = [];
  let bare = 0;
  for (const name of names.filter((file) => PICTURES.test(file)).sort()) {
    const image = path.resolve(folder, name);
    const { texts } = await readSideText(sideFile(image));
    if (texts.length > 0 || captionless) {
      pairs.push({ image, captions: texts.map(({ text }) => text) });
    } else bare++;
  }
  return { name: folder, pairs, rows: pairs.length, repeated: 0, uncaptioned: [], bare };
}

/** Pictures of a collection that are on disk and have captions, by the order of the catalog. */
async function collectionSource(name: string, captionless: boolean): Promise<Source> {
  const catalog = await openCatalog();
  try {
    const ids = await catalog.collections.ids(name.slice(COLLECTION.length), 'image');
    const items = [...(await catalog.items(ids)).values()];
    const pairs = items.flatMap(({ path: image, captions }) =>
      image !== null && (captions.length > 0 || captionless) ? [{ image, captions }] : [],
    );
    const bare = items.length - pairs.length;
    return { name, pairs, rows: pairs.length, repeated: 0, uncaptioned: [], bare };
  } finally {
    await catalog.close();
  }
}

/**
 * Splits pairs by picture, in an order that `seed` decides: shares of them for validation and for
 * the test. The share for the test changes nothing of which are held out for validation.
 */
export function splitPairs(
  pairs: Pair[],
  shares: { validation: number; test: number },
  seed: number,
): { train: Pair[]; validation: Pair[]; test: Pair[] } {
  const order = [...new Random(seed).permutation(pairs.length)].map((index) => pairs[index]!);
  const validated = Math.round(pairs.length * shares.validation);
  const tested = validated + Math.round(pairs.length * shares.test);
  return {
    train: order.slice(tested),
    validation: order.slice(0, validated),
    test: order.slice(validated, tested),
  };
}
