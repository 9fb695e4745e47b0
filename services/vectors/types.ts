// What every vector index offers. No implementation.

import type { IdSet } from './id-set';

/** A found vector: the id it was added under and its cosine similarity to the query, −1 to 1. */
export interface Neighbour {
  id: number;
  score: number;
}

/** Nearest neighbours by cosine. Ids are integers from 0 to 2³² − 1; vectors need no normalising. */
export interface VectorIndex {
  readonly kind: 'hnsw' | 'exact';
  /** Numbers in a vector. */
  readonly dimension: number;
  /** Vectors held. */
  readonly size: number;
  has(id: number): boolean;
  ids(): IterableIterator<number>;
  /**
   * Adds `ids.length` vectors, row-major in `vectors`; an id that is there already gets the new
   * vector. All or nothing: wrong lengths, ids out of range, zero vectors and numbers that are not
   * finite throw before anything is added.
   */
  add(ids: ArrayLike<number>, vectors: Float32Array): void;
  /** Forgets these ids; ids that are not there are ignored. */
  remove(ids: ArrayLike<number>): void;
  /** Whether removing this many more vectors would make remove() build the whole index anew. */
  rebuildsOnRemoving(count: number): boolean;
  /**
   * The `k` most similar vectors, best first, equal scores by ascending id; fewer when the index
   * holds fewer. `within` restricts the answer to a set of ids, of which not all need be here.
   * Searches that wait at the same time may share the work. It answers for the vectors that are here
   * when it gets its turn.
   */
  search(query: Float32Array, k: number, options?: SearchOptions): Promise<Neighbour[]>;
  /** Frees the memory, after the search under way; the index must not be used afterwards. */
  close(): Promise<void>;
}

export interface SearchOptions {
  within?: IdSet | undefined;
}

/** An approximate index that takes long to build, and so can be kept in a file. */
export interface StoredIndex extends VectorIndex {
  /**
   * Writes the index with a checksum, complete or not at all. `tag` says what it was built from; it
   * comes back on loading. add, remove and close fail until the promise settles; search goes on.
   */
  save(file: string, tag?: string): Promise<void>;
}
