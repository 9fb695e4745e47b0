// Measuring a model folder: its ranks on the pairs of a run.

import { loadDualEncoder } from '#model';
import type { Device } from '#runtime';
import type { Pair } from '../data/pairs';
import { rankPairs, type KnownEmbeddings, type Progress, type Ranking, type Ranks } from './ranks';

export interface MeasureOptions {
  device: Device;
  threads: number;
  onProgress: Progress;
  /** Embeddings that are the same for all models that are measured; more are added. */
  known?: KnownEmbeddings | undefined;
}

export async function rankFolder(
  folder: string,
  pairs: Pair[],
  { device, threads, onProgress, known }: MeasureOptions,
): Promise<Ranking> {
  const encoder = await loadDualEncoder(folder, { device, threads });
  try {
    return await rankPairs(encoder, pairs, onProgress, known);
  } finally {
    await encoder.dispose();
  }
}

/** The sets that a run's models are measured on; empty where there is none. */
export interface MeasuredPairs {
  validation: Pair[];
  /** Pairs on which the tuned model must not be worse. */
  retention: Pair[];
}

export interface Measurement {
  validation?: Ranks;
  retention?: Ranks;
}

export async function measure(
  folder: string,
  { validation, retention }: MeasuredPairs,
  options: MeasureOptions,
): Promise<Measurement> {
  const result: Measurement = {};
  if (validation.length > 0) {
    result.validation = (await rankFolder(folder, validation, options)).ranks;
  }
  if (retention.length > 0) {
    result.retention = (await rankFolder(folder, retention, options)).ranks;
  }
  return result;
}
