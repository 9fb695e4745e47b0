// What the `bifocal index` commands work on: the vectors of one model and modality, and queries to try.

import { readFile } from 'node:fs/promises';
import { openCatalog, type Catalog, type CatalogModel } from '#catalog';
import { config } from '#config';
import { indexFile, loadServingModel, type GraphSource } from '#engine';

export interface IndexSource extends GraphSource {
  /** What a search may find, ascending. */
  ids: number[];
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
