// The whole check, in the order in which one part relies on the other: catalog, files, indexes.

import type { Catalog, Finding } from '#catalog';
import { removeIndexes } from '#engine';
import { checkFiles } from './files';
import { checkIndexes } from './indexes';

export interface CheckOptions {
  catalog: Catalog;
  /** The data folder. */
  home: string;
  /** Whether to mend what can be mended without losing what cannot be made again. */
  repair: boolean;
  /** Whether to read every picture and compare its content. */
  deep: boolean;
  onProgress: (line: string) => void;
}

export interface Checked {
  /** What is wrong. Faults that were not mended stay. */
  faults: Found[];
  /** What the next ingest or the engine brings in step by itself. */
  notes: Found[];
}

export type Found = Finding & { where: 'catalog' | 'files' | 'indexes' };

export async function checkLibrary(options: CheckOptions): Promise<Checked> {
  const checked: Checked = { faults: [], notes: [] };
  options.onProgress('checking the catalog');
  for await (const fault of options.catalog.faults(options.repair)) {
    checked.faults.push({ where: 'catalog', ...fault });
  }
  const spoilt = checked.faults.some(({ fault }) => fault.startsWith('embeddings'));
  if (spoilt && options.repair) await removeAllIndexes(options);
  add(checked, 'files', await checkFiles(options));
  // An index cannot be compared with embeddings that are wrong.
  if (!spoilt || options.repair) add(checked, 'indexes', await checkIndexes(options));
  return checked;
}

/** Embeddings will be made again under the ids that the indexes have for those that were dropped. */
async function removeAllIndexes({ catalog, home }: CheckOptions): Promise<void> {
  for (const { fingerprint } of await catalog.models.list()) await removeIndexes(home, fingerprint);
}

function add(
  checked: Checked,
  where: Found['where'],
  { faults, notes }: { faults: Finding[]; notes: Finding[] },
): void {
  checked.faults.push(...faults.map((fault) => ({ where, ...fault })));
  checked.notes.push(...notes.map((note) => ({ where, ...note })));
}
