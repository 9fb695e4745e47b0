// What an index has to take in from the catalog: which ids have come and gone, and vectors as the exact
// index keeps them. Holds its thread: 50 ms for the ids of 100,000, a second for their vectors.

import type { CatalogModel, Embeddings, Modality } from '#catalog';
import { prepareRows, type PreparedRows } from '#vector-rows';

/** The vectors of one model and modality. */
export interface VectorSource {
  model: CatalogModel;
  modality: Modality;
}

/** Ids, ascending. An embedding never changes, so they say it all. */
export interface Changes {
  added: Uint32Array;
  removed: Uint32Array;
}

/** What a search may find now, against `known`, ascending. */
export function readChanges(
  embeddings: Embeddings,
  { model, modality }: VectorSource,
  known: Uint32Array,
): Changes {
  const now = Uint32Array.from(embeddings.searchableIds(model, modality));
  return { added: without(now, known), removed: without(known, now) };
}

/** The vectors of these ids; of those that have gone meanwhile there is nothing. */
export function readRows(
  embeddings: Embeddings,
  { model, modality }: VectorSource,
  ids: Uint32Array,
): PreparedRows {
  const found = embeddings.found(model, modality, Array.from(ids));
  return prepareRows(found.ids, found.vectors, model.dimension);
}

/** Those of `ids` that are not among `others`; both ascending. */
export function without(ids: Uint32Array, others: Uint32Array): Uint32Array {
  let at = 0;
  return ids.filter((id) => {
    while (at < others.length && others[at]! < id) at++;
    return others[at] !== id;
  });
}
