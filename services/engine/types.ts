// What the engine offers, in whichever process it runs. No implementation.

import type { ItemFilter, Modality } from '#catalog';
import type { Neighbour, VectorIndex } from '#vectors';

/**
 * Owns the model's sessions and the vector indexes; encodes and searches. Another model may take over
 * at any moment: a query that takes several calls names the model that it began with (its fingerprint,
 * from status()) in each, and begins again if one throws ModelChanged.
 */
export interface Engine {
  /** Always answers, also while the engine starts or cannot. */
  status(): Promise<EngineStatus>;
  /** One L2-normalised embedding a text. */
  encodeTexts(texts: string[], model?: string): Promise<Float32Array[]>;
  /** How many pieces (tokens, without those at the ends) the model reads each text as. */
  countPieces(texts: string[], model?: string): Promise<number[]>;
  /** One L2-normalised embedding a picture: a path, or a file's bytes. An ImageError if one is none. */
  encodeImages(images: (string | Uint8Array)[], model?: string): Promise<Float32Array[]>;
  /** The `k` nearest items (image) or captions (text), best first. */
  search(request: EngineSearch): Promise<Neighbour[]>;
  /**
   * The cosines of a vector with at most 1,024 of what could be found, drawn without regard to it: what
   * a match has to stand out from. The same ones at every call, while the library stays as it is.
   */
  background(request: EngineBackground): Promise<Float32Array>;
  /** Takes in what any process has written to the catalog, and brings the saved indexes up to date. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface EngineSearch {
  modality: Modality;
  vector: Float32Array;
  /** The fingerprint of the model that made the vector. */
  model?: string;
  k: number;
  /**
   * Only items that satisfy this (image), or captions of such items (text). Throws UnknownCollection.
   * What is not on the disk any more is found only by `missing: true`.
   */
  filter?: ItemFilter;
}

export type EngineBackground = Omit<EngineSearch, 'k'>;

export interface EngineStatus {
  state: 'starting' | 'ready' | 'failed';
  /** Once ready. */
  model?: { name: string; fingerprint: string; dimension: number };
  /** Vectors that can be found now. */
  indexed: Record<Modality, number>;
  /** What answers a search now; exact until HNSW has caught up with the catalog. */
  method: Record<Modality, VectorIndex['kind']>;
  /**
   * Of the ten nearest, the share that is found: by the queries of late, or by a sample when HNSW was
   * tuned; null if it was not. Once ready.
   */
  recall?: Record<Modality, number | null>;
  /** HNSW graphs that are being built, in vectors. */
  building?: Partial<Record<Modality, { done: number; total: number }>>;
  /** A model that `model use` is preparing in another process. */
  preparing?: Preparing;
  /** Why it failed, had to be started again, or goes on with the old model. */
  error?: string;
}

/** How many of the pictures and captions have an embedding by the model that is to serve. */
export interface Preparing {
  model: string;
  done: number;
  total: number;
}

/** By default everything is as config() says. */
export interface EngineOptions {
  /** Serves this model, a name or a folder, whatever the catalog says is in use. */
  model?: string;
  /** The data folder: holds bifocal.db and index/. */
  home?: string;
  device?: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  threads?: number;
}

/** The engine cannot answer now, but may soon: it is warming up, or being started again. */
export class EngineUnavailable extends Error {
  override name = 'EngineUnavailable';
}

/** The model that the call named does not serve any more; the query can be asked again at once. */
export class ModelChanged extends Error {
  override name = 'ModelChanged';
}
