// The saved indexes against the catalog they were made from. Whatever is wrong with one, it is deleted:
// the engine makes it anew.

import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { finding, type Catalog, type CatalogModel, type Finding, type Modality } from '#catalog';
import { indexFile, removeIndexes } from '#engine';
import { IndexFileError, loadHnswIndex, type StoredIndex } from '#vectors';
import type { CheckOptions } from './check';

/** Vectors that are looked for by themselves, and the share that has to be found. */
const SAMPLE = 200;
const FOUND = 0.9;

/** Of a vector to itself, in float32. */
const SAME = 0.9999;

/** Looks at the saved indexes of every model. */
export async function checkIndexes(
  options: Pick<CheckOptions, 'catalog' | 'home' | 'repair' | 'onProgress'>,
): Promise<{ faults: Finding[]; notes: Finding[] }> {
  const { catalog, home, repair, onProgress } = options;
  const models = await catalog.models.list();
  const faults = await strangers(home, models, repair);
  const notes: Finding[] = [];
  for (const model of models) {
    for (const modality of ['image', 'text'] as const) {
      onProgress(`checking the ${modality} index of ${model.name}`);
      const file = indexFile(home, model.fingerprint, modality);
      const { fault, note } = await examine({ catalog, model, modality, file });
      if (note !== undefined) notes.push(finding(note, [file], null));
      if (fault === undefined) continue;
      if (repair) await rm(file, { force: true });
      faults.push(finding(fault, [file], repair ? REMADE : null));
    }
  }
  return { faults, notes };
}

const REMADE = 'deleted; the engine makes it anew';

/** Indexes of models that the catalog does not know. */
async function strangers(
  home: string,
  models: CatalogModel[],
  repair: boolean,
): Promise<Finding[]> {
  const known = new Set(models.map(({ fingerprint }) => fingerprint));
  const names = await readdir(path.join(home, 'index')).catch(ifAbsent([]));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length === 0) return [];
  if (repair) for (const name of unknown) await removeIndexes(home, name);
  return [
    finding('indexes of models that are not in the catalog', unknown, repair ? 'deleted' : null),
  ];
}

interface Source {
  catalog: Catalog;
  model: CatalogModel;
  modality: Modality;
  file: string;
}

async function examine(source: Source): Promise<{ fault?: string; note?: string }> {
  try {
    const { index, tag } = await loadHnswIndex(source.file);
    try {
      if (tag !== source.catalog.id) return { fault: 'an index of another catalog' };
      if (index.dimension !== source.model.dimension) return { fault: 'an index of another model' };
      return await compare(source, index);
    } finally {
      await index.close();
    }
  } catch (error) {
    if (error instanceof IndexFileError) return { fault: error.message };
    return ifAbsent({})(error);
  }
}

/** The index may lag behind the catalog; what it does hold, it has to find. */
async function compare(
  { catalog, model, modality }: Source,
  index: StoredIndex,
): Promise<{ fault?: string; note?: string }> {
  const searchable = catalog.embeddings.searchableIds(model, modality);
  const held = searchable.filter((id) => index.has(id));
  const step = Math.max(1, held.length / SAMPLE);
  const sample = held.filter((_, n) => Math.floor(n / step) !== Math.floor((n - 1) / step));
  const { ids, vectors } = catalog.embeddings.found(model, modality, sample);
  let found = 0;
  for (const row of ids.keys()) {
    const vector = vectors.subarray(row * model.dimension, (row + 1) * model.dimension);
    const [nearest] = await index.search(vector, 1);
    if (nearest !== undefined && nearest.score > SAME) found++;
  }
  if (found < FOUND * ids.length) {
    return { fault: `an index that finds ${found} of ${ids.length} vectors that it holds` };
  }
  const lacking = searchable.length - held.length;
  const outdated = index.size - held.length;
  if (lacking + outdated === 0) return {};
  return {
    note: `an index that lags behind the catalog (${lacking} lacking, ${outdated} outdated); the engine brings it up to date`,
  };
}

function ifAbsent<T>(value: T): (error: unknown) => T {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return value;
    throw error;
  };
}
