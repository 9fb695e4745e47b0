// The vectors that an HNSW graph is built of, the graph as it was saved, and queries to try it with.

import type { Catalog, CatalogModel, Modality } from '#catalog';
import { Random } from '#random';
import { rowsInBlock } from '#vector-rows';
import { IndexFileError, loadHnswIndex, type HnswIndex } from '#vectors';

export interface GraphSource {
  catalog: Catalog;
  model: CatalogModel;
  modality: Modality;
  /** Where HNSW is kept. */
  file: string;
}

/** The vectors of these ids; by default so many at a time as make a block of the exact index. */
export function* batches(
  { catalog, model, modality }: GraphSource,
  ids: readonly number[],
  rows = rowsInBlock(model.dimension),
) {
  for (let first = 0; first < ids.length; first += rows) {
    yield catalog.embeddings.found(model, modality, ids.slice(first, first + rows));
  }
}

/** Puts these vectors of the source into an index; what has gone meanwhile is left out. */
export function fill(
  index: HnswIndex,
  source: GraphSource,
  ids: readonly number[],
  progress: (done: number) => void = () => undefined,
): void {
  const { dimension } = source.model;
  const together = 256;
  let done = 0;
  for (const batch of batches(source, ids)) {
    for (let first = 0; first < batch.ids.length; first += together) {
      const part = batch.ids.slice(first, first + together);
      const end = (first + part.length) * dimension;
      index.add(part, batch.vectors.subarray(first * dimension, end));
      progress((done += part.length));
    }
  }
}

/** The saved graph, if there is one of this catalog and model. */
export async function savedGraph({
  file,
  catalog,
  model,
}: GraphSource): Promise<HnswIndex | undefined> {
  try {
    const { index, tag } = await loadHnswIndex(file);
    if (tag === catalog.id && index.dimension === model.dimension) return index;
    await index.close();
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!absent && !(error instanceof IndexFileError)) throw error;
  }
  return undefined;
}

/**
 * Vectors to search with, the same at every call: half are of the same modality, as when a picture
 * is searched by a picture, half of the other, as when it is searched by words, which lie apart.
 */
export function sampleQueries(source: GraphSource, count: number): Float32Array[] {
  const { catalog, model, modality } = source;
  const other = modality === 'image' ? 'text' : 'image';
  const ids = catalog.embeddings.searchableIds(model, modality);
  const others = catalog.embeddings.searchableIds(model, other);
  const half = Math.min(others.length, count >> 1);
  return [...sampled(source, modality, ids, count - half), ...sampled(source, other, others, half)];
}

function sampled(
  { catalog, model }: GraphSource,
  modality: Modality,
  ids: readonly number[],
  count: number,
): Float32Array[] {
  const order = new Random(1).permutation(ids.length).subarray(0, count);
  const chosen = Array.from(order, (position) => ids[position]!);
  const { vectors } = catalog.embeddings.found(model, modality, chosen);
  const { dimension } = model;
  const found = vectors.length / dimension;
  return Array.from({ length: found }, (_, row) =>
    vectors.slice(row * dimension, (row + 1) * dimension),
  );
}
