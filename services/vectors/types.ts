// What every vector index offers. No implementation.

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
   * holds fewer. `within` restricts the answer to a set of ids (and is then exact in every index).
   */
  search(query: Float32Array, k: number, options?: SearchOptions): Neighbour[];
  /** Frees the memory at once; the index must not be used afterwards. */
  close(): void;
}

export interface SearchOptions {
  within?: ReadonlySet<number>;
}

/** An approximate index that takes long to build, and so can be kept in a file. */
export interface StoredIndex extends VectorIndex {
  /**
   * Writes the index with a checksum, complete or not at all. `tag` says what it was built from; it
   * comes back on loading. add, remove and close throw until the promise settles; search goes on.
   */
  save(file: string, tag?: string): Promise<void>;
}
