// Picture files by their content: which are there, which are equal, byte for byte.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { inParallel } from '#parallel';
import type { Pair } from './pairs';

/** Files that are looked at or read at once. */
const FILES = 16;

export interface PictureFiles {
  /** Bytes of each file that is there. */
  sizes: Map<string, number>;
  /** Those that are not, with the reason. */
  missing: Map<string, string>;
}

/** Looks whether pictures are there. Reads none. */
export async function statPictures(images: readonly string[]): Promise<PictureFiles> {
  const files: PictureFiles = { sizes: new Map(), missing: new Map() };
  const found = await inParallel(images, FILES, sizeOf);
  images.forEach((image, index) => {
    const size = found[index]!;
    if (typeof size === 'number') files.sizes.set(image, size);
    else files.missing.set(image, size);
  });
  return files;
}

/** Bytes of a file, or why there is none. */
async function sizeOf(image: string): Promise<number | string> {
  try {
    const info = await stat(image);
    if (info.isFile()) return info.size;
    return info.isDirectory() ? 'a folder' : 'not a file';
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'no such file' : message;
  }
}

/**
 * Groups of two and more files with equal content, in the order of `images`. Only files of equal
 * size are read.
 */
export async function equalFiles(
  images: readonly string[],
  sizes: ReadonlyMap<string, number>,
): Promise<string[][]> {
  const candidates = groupsOf(
    images.filter((image) => sizes.has(image)),
    (image) => String(sizes.get(image)),
  ).flat();
  const hashes = new Map<string, string>();
  await inParallel(candidates, FILES, async (image) => {
    // A file that cannot be read is like no other; decoding says what is wrong with it.
    hashes.set(image, await hashOf(image).catch(() => image));
  });
  return groupsOf(
    images.filter((image) => hashes.has(image)),
    (image) => hashes.get(image)!,
  );
}

/** The members of each group, for keys that more than one item has. */
export function groupsOf<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('base64');
}

/** One pair for each content: the first path, with the captions of all. */
export async function joinEqualPictures(
  pairs: readonly Pair[],
  { sizes }: PictureFiles,
): Promise<Pair[]> {
  const equal = await equalFiles(
    pairs.map(({ image }) => image),
    sizes,
  );
  const first = new Map(
    equal.flatMap((group) => group.map((image) => [image, group[0]!] as const)),
  );
  const joined = new Map<string, Pair>();
  for (const pair of pairs) {
    const image = first.get(pair.image) ?? pair.image;
    const known = joined.get(image);
    if (known === undefined) joined.set(image, pair);
    else {
      const captions = [...new Set([...known.captions, ...pair.captions])];
      joined.set(image, { ...known, captions });
    }
  }
  return [...joined.values()];
}
