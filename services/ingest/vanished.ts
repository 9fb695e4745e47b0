// Notices pictures that have gone from the disk since an earlier run.

import { stat } from 'node:fs/promises';
import type { Catalog } from '#catalog';

/**
 * Marks the catalog's files at or under `roots` that are no longer on the disk as missing. A file in
 * a folder that may not be read is not gone. Returns how many have gone.
 */
export async function markVanished(catalog: Catalog, roots: readonly string[]): Promise<number> {
  let count = 0;
  for (const root of roots) {
    for await (const files of catalog.files.under(root)) {
      const gone = await Promise.all(files.map(({ path }) => isGone(path)));
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
