// What is asked and what is answered. No implementation.

import type { ItemFilter, Modality } from '#catalog';

/** At least one of `words`, `image` and `like`; several are averaged. */
export interface SearchQuery {
  words?: string;
  /** A picture file: its path, or its bytes. */
  image?: string | Uint8Array;
  /** An item of the catalog to find more like; it is not among the hits itself. */
  like?: number;
  /** What the hits should have less of. */
  not?: string[];
  /** What to find: pictures, or texts (captions). */
  in: Modality;
  /** Only items that satisfy this, or their texts. */
  filter?: ItemFilter;
  limit: number;
  offset?: number;
}

export interface SearchResult {
  /** The name of the model that understood the query. */
  model: string;
  took: { encodeMs: number; searchMs: number };
  /** Best first. */
  hits: Hit[];
}

export interface Hit {
  /** The item's id (image) or the caption's (text). */
  id: number;
  kind: Modality;
  /** Cosine similarity to the query, −1 to 1. */
  score: number;
  /** The item: the picture found, or the one that carries the text. */
  itemId: number;
  /** Where it is; where it was last, if it is missing. */
  path: string | null;
  width: number;
  height: number;
  /** The text found; null for a picture. */
  text: string | null;
  /** All captions of the item. */
  captions: string[];
}

/** A query without a term, for more like an unknown item, or by a file that is no picture. */
export class SearchError extends Error {
  override name = 'SearchError';
}
