// What the `bifocal index` commands read: the vectors of one model and modality, and queries to try.

import { readFile } from 'node:fs/promises';
import { openCatalog, type Catalog, type CatalogModel, type Modality } from '#catalog';
import { config } from '#config';
import { indexFile, loadServingModel } from '#engine';
import { Random } from '../services/random';
import { createExactIndex, IndexFileError, loadHnswIndex } from '#vectors';
import type { HnswIndex, VectorIndex } from '#vectors';

/** Vectors read from the catalog at a time: 2 MB at 512 dimensions. */
const rowsRead = 1_024;

export interface IndexSource {
  catalog: Catalog;
  model: CatalogModel;
  modality: Modality;
  /** What a search may find, ascending. */
  ids: number[];
  /** Where HNSW is kept. */
  file: string;
}

/** One source a modality that has vectors, under the model that serves. */
export async function withSources(
  work: (sources: IndexSource[], model: CatalogModel) => Promise<void>,
): Promise<void> {
  const catalog = await openCatalog();
  try {
    const model = await servingModel(catalog);
    const sources = (['image', 'text'] as const).map((modality) => ({
      catalog,
      model,
      modality,
      ids: catalog.embeddings.searchableIds(model, modality),
      file: indexFile(config().home, model.fingerprint, modality),
    }));
    await work(
      sources.filter(({ ids }) => ids.length > 0),
      model,
    );
  } finally {
    await catalog.close();
  }
}

async function servingModel(catalog: Catalog): Promise<CatalogModel> {
  const chosen = await catalog.models.serving();
  if (chosen) return chosen;
  const encoder = await loadServingModel(catalog);
  await encoder.dispose();
  return catalog.models.register(encoder);
}

/** The exact index over all vectors of a source. */
export async function exactIndex(source: IndexSource): Promise<VectorIndex> {
  const index = createExactIndex({ dimension: source.model.dimension });
  fill(index, source, source.ids);
  return index;
}

/** Puts these vectors of the source into an index. */
export function fill(
  index: VectorIndex,
  { catalog, model, modality }: IndexSource,
  ids: readonly number[],
  progress: (done: number) => void = () => undefined,
): void {
  for (let first = 0; first < ids.length; first += rowsRead) {
    const part = ids.slice(first, first + rowsRead);
    index.add(part, catalog.embeddings.vectors(model, modality, part));
    progress(first + part.length);
  }
}

/** The saved graph, if there is one of this catalog and model. */
export async function savedIndex({
  file,
  catalog,
  model,
}: IndexSource): Promise<HnswIndex | undefined> {
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
export function sampleQueries(source: IndexSource, count: number): Float32Array[] {
  const { catalog, model, modality, ids } = source;
  const other = modality === 'image' ? 'text' : 'image';
  const others = catalog.embeddings.searchableIds(model, other);
  const half = Math.min(others.length, count >> 1);
  return [...sampled(source, modality, ids, count - half), ...sampled(source, other, others, half)];
}

/** The texts of a file, a line each, as the model that serves encodes them. */
export async function encodedQueries(catalog: Catalog, file: string): Promise<Float32Array[]> {
  const texts = (await readFile(file, 'utf8')).split(/\r?\n/).filter((line) => line.trim() !== '');
  if (texts.length === 0) throw new Error(`${file} holds no query; it needs one a line`);
  const encoder = await loadServingModel(catalog);
  try {
    return await encoder.encodeTexts(texts);
  } finally {
    await encoder.dispose();
  }
}

function sampled(
  { catalog, model }: IndexSource,
  modality: Modality,
  ids: readonly number[],
  count: number,
): Float32Array[] {
  const order = new Random(1).permutation(ids.length).subarray(0, count);
  const chosen = Array.from(order, (position) => ids[position]!);
  const vectors = catalog.embeddings.vectors(model, modality, chosen);
  const { dimension } = model;
  return chosen.map((_, row) => vectors.slice(row * dimension, (row + 1) * dimension));
}
