// What is known of a run from its folder. No implementation.

import type { DataReport, RunSettings, TrainReport } from '#training';

/** `running`: a process holds its folder. `stopped`: it can be resumed. `done`: its model is there. */
export type RunState = 'running' | 'stopped' | 'done';

export interface RunSummary {
  /** The folder's name. */
  name: string;
  state: RunState;
  /** ISO 8601: when it was begun, and when anything of it was written last. */
  startedAt: string;
  updatedAt: string;
  /** Name of the base model, and what it was asked to train on. */
  model: string;
  data: string;
  /** Pictures trained on; null until its data has been looked at. */
  pictures: number | null;
  /** Steps done, and of all; null until that is known. */
  step: number;
  steps: number | null;
  /** Of the last step. */
  loss: number | null;
  /** Mean recall on the held-out pictures, as fractions: of the base, the best so far, what came out. */
  recall: { before: number | null; best: number | null; after: number | null };
  /** Where its model is: this folder, or the one it was told to write to; null until it is there. */
  output: string | null;
}

/** Steps a point stands for are up to `step`, those after the point before. */
export interface MetricsPoint {
  step: number;
  /** Mean of the steps, their least and most. */
  loss: number;
  low: number;
  high: number;
  learningRate: number;
  gradientNorm: number;
}

/** Fractions. */
export type Recalls = Record<'r1' | 'r5' | 'r10', number>;

export interface Curves {
  metrics: MetricsPoint[];
  validation: {
    step: number;
    meanRecall: number;
    textToImage: Recalls;
    imageToText: Recalls;
  }[];
}

export interface RunDetail extends RunSummary {
  settings: RunSettings;
  curves: Curves;
  /** What it was trained on; null where the run has not come so far. */
  dataReport: DataReport | null;
  report: TrainReport | null;
}
