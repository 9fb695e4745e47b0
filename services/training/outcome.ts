// What a run reports in the end: figures before and after, and what it cost.

import { stat } from 'node:fs/promises';
import type { Choice } from './choice';
import { difference, summarize, type Difference, type Evaluation } from './evaluation/evaluate';
import type { Pace } from './loop';
import type { Ranks } from './evaluation/ranks';
import type { RunFolder } from './run';

/** A set measured with the base model and with the tuned one. */
export interface Comparison {
  before: Evaluation;
  after: Evaluation;
  difference: Difference;
}

export interface TrainReport {
  run: string;
  model: string;
  /** Steps done, and whether validations stopped the run before its last. */
  steps: number;
  stoppedEarly: boolean;
  /** Of the steps of the last process. */
  seconds: number;
  samplesPerSecond: number;
  /** Share of the time of the steps in which they waited for their data. */
  waiting: number;
  /** Bytes: of this process at its highest, and of the files. */
  peakMemory: number;
  checkpointBytes: number;
  bestBytes: number | null;
  loss: { first: number; last: number };
  /** The validation whose weights were taken; null where there was none, and the last were. */
  best: { step: number; meanRecall: number } | null;
  blend: Choice;
  /** On the validation pictures, by which step and blend were chosen. */
  evaluation: Comparison | null;
  retention: Comparison | null;
  /** On pictures that nothing was chosen by: neither step nor blend. */
  test: Comparison | null;
  warnings: string[];
  skipped: { image: string; reason: string }[];
}

export function compare(before: Ranks | undefined, after: Ranks | undefined): Comparison | null {
  if (before === undefined || after === undefined) return null;
  return {
    before: summarize(before),
    after: summarize(after),
    difference: difference(before, after),
  };
}

async function sizeOf(file: string): Promise<number | null> {
  return (await stat(file).catch(() => null))?.size ?? null;
}

export async function costs(run: RunFolder, { taken, seconds, waited }: Pace, batchSize: number) {
  return {
    seconds,
    samplesPerSecond: seconds > 0 ? (taken * batchSize) / seconds : 0,
    waiting: seconds > 0 ? waited / seconds : 0,
    peakMemory: process.resourceUsage().maxRSS * 1024,
    checkpointBytes: (await sizeOf(run.checkpoint))!,
    bestBytes: await sizeOf(run.best),
  };
}

export async function losses(run: RunFolder): Promise<{ first: number; last: number }> {
  const rows = await run.rows<{ step: number; loss: number }>('metrics.jsonl');
  return { first: rows[0]!.loss, last: rows.at(-1)!.loss };
}
