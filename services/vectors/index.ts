// Nearest neighbours by cosine: an exact index and an approximate one behind the same interface.

export { dot } from './dot';
export { createExactIndex, type ExactIndex } from './exact';
export {
  createHnswIndex,
  loadHnswIndex,
  type HnswIndex,
  type HnswOptions,
  type HnswSettings,
} from './hnsw';
export { IdSet } from './id-set';
export { IndexFileError } from './hnsw-file';
export type { Neighbour, SearchOptions, StoredIndex, VectorIndex } from './types';
export { answers, measureRecall, type Measured } from './recall';
export { findTruth, type Truth } from './truth';
export { firstShape, tuneHnsw, type Trial, type TuneOptions, type TuneResult } from './tune';
export { readTuning, writeTuning, type Tuning } from './tuning';
