// What is asked and what is answered. No implementation.

import type { ItemFilter, Modality } from '#catalog';
import type { Matched } from './fuse';

/** Words of which the hits should have less. */
export interface Unwanted {
  words: string;
  /** How much of it is taken away; 0.5 if not given. */
  weight?: number;
}

/** An item of the catalog as a term of a query. */
export interface ItemTerm {
  item: number;
  /** How much it counts: 1 if not given where more like it is wanted, as the words do; else 0.5. */
  weight?: number;
}

/** At least one of `words`, `image` and `like`; several are averaged by their weights. */
export interface SearchQuery {
  words?: string;
  /** A picture file: its path, or its bytes. */
  image?: string | Uint8Array;
  /** Items to find more like. The terms' own items are not among the hits. */
  like?: ItemTerm[];
  /** Items to find less like. */
  unlike?: ItemTerm[];
  not?: Unwanted[];
  /** What to find: pictures, or texts (captions). */
  in: Modality;
  /** Only items that satisfy this, or their texts. */
  filter?: ItemFilter;
  /** Whether to find out which hits are probably unrelated. */
  judged?: boolean;
  /** Whether words also look for themselves in captions and file names. */
  fused?: boolean;
  /** By default 'relevance'. By date, the undated last, only what is related: the best 10,000 of it. */
  sort?: 'relevance' | 'newest' | 'oldest';
  limit: number;
  offset?: number;
}

export interface SearchResult {
  /** The name of the model that understood the query. */
  model: string;
  took: { encodeMs: number; searchMs: number };
  /** The score below which hits are probably unrelated; null if that was not asked, or cannot be told. */
  cutoff: number | null;
  /** Best first. */
  hits: Hit[];
}

export interface Hit {
  /** The item's id (image) or the caption's (text). */
  id: number;
  kind: Modality;
  /** Cosine similarity to the query, −1 to 1. */
  score: number;
  /** False for what is probably unrelated to the query. */
  related: boolean;
  matched: Matched[];
  /** The item: the picture found, or the one that carries the text. */
  itemId: number;
  /** Of the picture's content. */
  sha256: string;
  /** Where it is; where it was last, if it is missing. */
  path: string | null;
  width: number;
  height: number;
  /** The text found; null for a picture. */
  text: string | null;
  /** All captions of the item. */
  captions: string[];
  takenAt: Date | null;
}

/** A query without a term, for more like an unknown item, or by a file that is no picture. */
export class SearchError extends Error {
  override name = 'SearchError';
}
