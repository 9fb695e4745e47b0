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

/**
 * Reads pairs from a list (JSONL, CSV, TSV, COCO captions JSON: services/captions), from a folder (its
 * metadata.jsonl or metadata.csv, or a `.txt` beside each picture), or from `collection:NAME` of the
 * catalog. Rows of one picture are joined. Throws one line that names file and row where one is wrong.
 */
export async function readPairs(source: string): Promise<Pair[]> {
  const pairs = source.startsWith(COLLECTION)
    ? await collectionPairs(source.slice(COLLECTION.length))
    : await pathPairs(source);
  if (pairs.length === 0) throw new Error(`${source} holds no pictures with captions`);
  return pairs;
}

const COLLECTION = 'collection:';

async function pathPairs(source: string): Promise<Pair[]> {
  const entry = await stat(source).catch((cause: Error) => {
    throw new Error(`data ${source} cannot be read: ${cause.message}`, { cause });
  });
  if (!entry.isDirectory()) return listPairs(source);
  const names = await readdir(source);
  const list = FOLDER_LISTS.find((name) => names.includes(name));
  return list === undefined ? sidePairs(source) : listPairs(path.join(source, list));
}

async function listPairs(file: string): Promise<Pair[]> {
  const byImage = new Map<string, { captions: Set<string>; label?: string }>();
  for (const { image, texts, label, where } of await readRows(file)) {
    if (texts.length === 0) throw new Error(`${file}: ${where} has no caption`);
    const entry = byImage.get(image) ?? { captions: new Set(), ...(label && { label }) };
    for (const { text } of texts) entry.captions.add(text);
    byImage.set(image, entry);
  }
  return [...byImage].map(([image, { captions, ...rest }]) => ({
    image,
    captions: [...captions],
    ...rest,
  }));
}

async function readRows(file: string): Promise<CaptionRow[]> {
  try {
    return await readCaptionRows(file);
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}`, { cause });
  }
}

/** Pictures of a folder and of those below it that have a text beside them, by path. */
async function sidePairs(folder: string): Promise<Pair[]> {
  const names = await readdir(folder, { recursive: true });
  const pairs: Pair[] = [];
  for (const name of names.filter((file) => PICTURES.test(file)).sort()) {
    const image = path.resolve(folder, name);
    const texts = await readSideText(sideFile(image));
    if (texts.length > 0) pairs.push({ image, captions: texts.map(({ text }) => text) });
  }
  return pairs;
}

/** Pictures of a collection that are on disk and have captions, by the order of the catalog. */
async function collectionPairs(name: string): Promise<Pair[]> {
  const catalog = await openCatalog();
  try {
    const items = await catalog.items(await catalog.collections.ids(name, 'image'));
    return [...items.values()].flatMap(({ path: image, captions }) =>
      image !== null && captions.length > 0 ? [{ image, captions }] : [],
    );
  } finally {
    await catalog.close();
  }
}

/** Splits pairs by picture: `fraction` of them, chosen by `seed`, for validation. */
export function splitPairs(
  pairs: Pair[],
  fraction: number,
  seed: number,
): { train: Pair[]; validation: Pair[] } {
  const held = Math.round(pairs.length * fraction);
  const order = [...new Random(seed).permutation(pairs.length)].map((index) => pairs[index]!);
  return { train: order.slice(held), validation: order.slice(0, held) };
}
