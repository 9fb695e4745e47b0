// The trainer: from a base model and pairs to a model folder and a report. Reads top to bottom.

import { existsSync } from 'node:fs';
import { loadDualEncoder, readModelFolder } from '#model';
import { resolveDevice, type Device } from '#runtime';
import { saveCheckpoint } from './checkpoint';
import { openCourse, type Course } from './course';
import { evaluate, type Evaluation } from './evaluate';
import { checkTarget, exportModel } from './export';
import { readPairs, splitPairs, type Pair } from './pairs';
import type { RunFolder, RunSettings } from './run';
import { learningRate } from './schedule';

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
  /** Where the model goes; by default into the run's folder. */
  out?: string | undefined;
  /** Seconds between checkpoints. */
  checkpointSeconds: number;
  onProgress(progress: TrainProgress): void;
  /** When aborted, the run saves a checkpoint and stops. */
  signal?: AbortSignal | undefined;
}

export interface TrainReport {
  run: string;
  model: string;
  steps: number;
  seconds: number;
  samplesPerSecond: number;
  loss: { first: number; last: number };
  evaluation: { before: Evaluation; after: Evaluation } | null;
  skipped: { image: string; reason: string }[];
}

/** Thrown when a run was interrupted; it can be resumed from its folder. */
export class TrainingInterrupted extends Error {}

async function evaluateFolder(
  folder: string,
  pairs: Pair[],
  { device, threads, onProgress }: TrainOptions,
): Promise<Evaluation> {
  const encoder = await loadDualEncoder(folder, { device, threads });
  try {
    return await evaluate(encoder, pairs, (done, total) =>
      onProgress({ phase: 'evaluate', done, total }),
    );
  } finally {
    await encoder.dispose();
  }
}

async function loadPairs(settings: RunSettings): Promise<{ train: Pair[]; validation: Pair[] }> {
  const pairs = await readPairs(settings.data);
  const split =
    settings.validation === undefined
      ? splitPairs(pairs, settings.holdout, settings.seed)
      : { train: pairs, validation: await readPairs(settings.validation) };
  if (split.train.length < settings.batchSize) {
    throw new Error(
      `${settings.data} leaves ${split.train.length} pictures to train on, fewer than a batch of ` +
        `${settings.batchSize}; give more data or a smaller --batch-size`,
    );
  }
  const missing = split.train.find(({ image }) => !existsSync(image));
  if (missing !== undefined) throw new Error(`${settings.data}: no such picture: ${missing.image}`);
  return split;
}

/** Steps to the end, with a checkpoint now and then. The next batch is made while one is in use. */
async function takeSteps(
  run: RunFolder,
  settings: RunSettings,
  { batches, stepper, firstStep, steps }: Course,
  options: TrainOptions,
): Promise<void> {
  const warmup = settings.warmupSteps ?? Math.ceil(steps / 10);
  const started = performance.now();
  let savedAt = started;
  let next = firstStep < steps ? batches.at(firstStep) : undefined;
  for (let step = firstStep; step < steps; step++) {
    const batch = (await next)!;
    next = step + 1 < steps ? batches.at(step + 1) : undefined;
    next?.catch(() => {}); // Thrown when its turn comes.
    const rate = learningRate(step, steps, warmup, settings.learningRate);
    const { loss, gradientNorm } = await stepper.step(batch, step, rate);
    if (!Number.isFinite(loss)) {
      throw new Error(`the loss is ${loss} at step ${step + 1}; try a lower --lr`);
    }
    await run.metric({ step: step + 1, loss, gradientNorm, learningRate: rate });
    const done = step + 1 - firstStep;
    const seconds = (performance.now() - started) / 1000;
    options.onProgress({
      phase: 'train',
      done: step + 1,
      total: steps,
      loss,
      samplesPerSecond: (done * settings.batchSize) / seconds,
      secondsLeft: (seconds / done) * (steps - step - 1),
    });
    const stop = options.signal?.aborted === true && step + 1 < steps;
    if (stop || performance.now() - savedAt > options.checkpointSeconds * 1000) {
      await saveCheckpoint(run.checkpoint, step + 1, await stepper.read());
      savedAt = performance.now();
    }
    if (stop) {
      const where = `after step ${step + 1} of ${steps}`;
      throw new TrainingInterrupted(`stopped ${where}; go on with --resume ${run.path}`);
    }
  }
}

/**
 * Trains the run in `run`'s folder from its last checkpoint, or from the base model, to the end.
 * The same settings on the same device give the same losses, interrupted or not. Throws one line
 * where data or model do not fit, TrainingInterrupted after saving when `signal` aborts.
 */
export async function train(
  run: RunFolder,
  settings: RunSettings,
  options: TrainOptions,
): Promise<TrainReport> {
  const device = resolveDevice(options.device);
  const { threads } = options;
  const base = await readModelFolder(settings.model);
  const model = options.out ?? run.model;
  await checkTarget(model);
  const pairs = await loadPairs(settings);
  const measured = pairs.validation.length > 0;
  const before = measured ? await evaluateFolder(base.path, pairs.validation, options) : undefined;

  const course = await openCourse(run, settings, base, pairs.train, { device, threads });
  const { stepper, firstStep, steps, batches } = course;
  await run.rewind(firstStep);
  const started = performance.now();
  try {
    await takeSteps(run, settings, course, options);
    const values = await stepper.read();
    await saveCheckpoint(run.checkpoint, steps, values);
    await exportModel(base, values, model);
  } finally {
    await stepper.release();
  }
  const seconds = (performance.now() - started) / 1000;
  const report: TrainReport = {
    run: run.path,
    model,
    steps,
    seconds,
    samplesPerSecond: ((steps - firstStep) * settings.batchSize) / seconds,
    loss: await run.losses(),
    evaluation: before
      ? { before, after: await evaluateFolder(model, pairs.validation, options) }
      : null,
    skipped: [...batches.skipped].map(([image, reason]) => ({ image, reason })),
  };
  await run.write('report.json', report);
  return report;
}
