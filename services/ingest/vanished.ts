// Notices pictures that have gone from the disk since an earlier run.

import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Catalog } from '#catalog';

/**
 * Marks the catalog's files at or under `roots` that are no longer on the disk as missing. A file in
 * a folder that may not be read is not gone, and neither is one whose disk went away meanwhile: whose
 * folder among `within`, which are there at the start, is no longer there. Returns how many have gone.
 */
export async function markVanished(
  catalog: Catalog,
  roots: readonly string[],
  within: readonly string[],
): Promise<number> {
  let count = 0;
  for (const root of roots) {
    const top = within.find((folder) => `${root}${path.sep}`.startsWith(`${folder}${path.sep}`));
    for await (const files of catalog.files.under(root)) {
      const gone = await Promise.all(files.map(({ path }) => isGone(path)));
      if (top !== undefined && (await isGone(top))) break;
      const ids = files.filter((_, n) => gone[n]).map(({ id }) => id);
      count += await catalog.files.markMissing(ids);
    }
  }
  return count;
}

async function isGone(path: string): Promise<boolean> {
  try {
    await stat(path);
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR';
  }
}

/** What was forgotten: paths, and pictures of which there was no other path, with their captions. */
export type Pruned = Awaited<ReturnType<Catalog['prune']>>;

/**
 * Forgets the files at or under `paths` that are marked as missing. Throws one line, with nothing
 * forgotten, where a folder is empty: that is what a disk leaves that is not mounted.
 */
export async function prune(catalog: Catalog, paths: readonly string[]): Promise<Pruned> {
  const roots = paths.map((root) => path.resolve(root));
  for (const root of roots) {
    const isFolder = (await stat(root)).isDirectory();
    if (isFolder && (await readdir(root)).length === 0) {
      throw new Error(`${root} is empty (a disk that is not mounted?); nothing is pruned`);
    }
  }
  const pruned: Pruned = { files: 0, items: 0, captions: 0 };
  for (const root of roots) {
    const { files, items, captions } = await catalog.prune(root);
    pruned.files += files;
    pruned.items += items;
    pruned.captions += captions;
  }
  return pruned;
}
