// What a run is told beside its settings: where it runs, whom it tells, when to stop.

import type { Device } from '#runtime';

export interface TrainProgress {
  phase: 'evaluate' | 'train';
  /** Steps, or pictures and texts encoded. */
  done: number;
  total: number;
  loss?: number;
  samplesPerSecond?: number;
  secondsLeft?: number;
}

export interface TrainOptions {
  device: Device | 'auto';
  threads: number;
  /** Seconds between checkpoints. */
  checkpointSeconds: number;
  onProgress(progress: TrainProgress): void;
  /** Lines worth keeping: validations, warnings. */
  onNote(line: string): void;
  /** When aborted, the run saves a checkpoint and stops. */
  signal?: AbortSignal | undefined;
}

/** Thrown when a run was interrupted; it can be resumed from its folder. */
export class TrainingInterrupted extends Error {
  constructor(where: string, run: string) {
    super(`stopped ${where}; go on with --resume ${run}`);
  }
}
