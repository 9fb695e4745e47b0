// The trainer: from a base model and pairs to a model folder and a report. Reads top to bottom.

import { existsSync } from 'node:fs';
import { loadDualEncoder, loadTokenizer, readModelFolder, type ModelFolder } from '#model';
import { readModel, type Graph } from '#onnx';
import { resolveDevice, type Device } from '#runtime';
import { AUGMENTATIONS } from './augment';
import { Batches } from './batches';
import { loadCheckpoint, saveCheckpoint } from './checkpoint';
import { evaluate, type Evaluation } from './evaluate';
import { exportModel } from './export';
import { openGradients } from './gradients';
import { ADAMW_DEFAULTS } from './optimizer-graph';
import { readPairs, splitPairs, type Pair } from './pairs';
import { LOSSES } from './loss';
import { LOGIT_BIAS, LOGIT_SCALE, weightNames } from './parameters';
import type { RunFolder } from './run';
import { type RunSettings } from './run';
import { learningRate } from './schedule';
import { IMAGE_PREFIX, imageTower, TEXT_PREFIX, textTower, type BatchShape } from './step-graph';
import { Stepper, type StateValues } from './stepper';

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

/** Captions are padded to a multiple of this many tokens. */
const LENGTH_UNIT = 8;

/** Where SigLIP's bias starts for a model that has none (Zhai et al. 2023). */
const INITIAL_BIAS = -10;

function initialValues(text: Graph, image: Graph, { config }: ModelFolder): StateValues {
  const values: StateValues = new Map([
    [LOGIT_SCALE.name, Float32Array.of(config.logitScale)],
    [LOGIT_BIAS.name, Float32Array.of(config.logitBias || INITIAL_BIAS)],
  ]);
  const towers = [
    [TEXT_PREFIX, text],
    [IMAGE_PREFIX, image],
  ] as const;
  for (const [prefix, graph] of towers) {
    for (const name of weightNames(graph)) {
      values.set(prefix + name, graph.initializers.get(name)!.data as Float32Array);
    }
  }
  return values;
}

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

/** Everything a run needs before its first step. */
async function prepare(base: ModelFolder, settings: RunSettings, train: Pair[]) {
  const tokenizer = await loadTokenizer(base);
  const captions = [...new Set(train.flatMap((pair) => pair.captions))];
  const longest = tokenizer.encode(captions).reduce((most, ids) => Math.max(most, ids.length), 0);
  const { width, height, mean, std } = base.preprocessing;
  const shape: BatchShape = {
    size: settings.batchSize,
    captions: settings.captionsPerPicture,
    length: Math.min(tokenizer.contextLength, Math.ceil(longest / LENGTH_UNIT) * LENGTH_UNIT),
    height,
    width,
  };
  const { graph: text } = await readModel(base.textModel);
  const { graph: image } = await readModel(base.visionModel);
  return {
    batches: new Batches(train, tokenizer, {
      shape,
      view: { width, height, mean, std },
      augmentation: AUGMENTATIONS[settings.augmentation],
      seed: settings.seed,
    }),
    text: textTower(text, shape, settings.freeze === 'text'),
    image: imageTower(image, shape, settings.freeze === 'image'),
    initial: initialValues(text, image, base),
  };
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
  const base = await readModelFolder(settings.model);
  const pairs = await loadPairs(settings);
  const { batches, text, image, initial } = await prepare(base, settings, pairs.train);
  const steps = Math.max(1, Math.round(settings.epochs * batches.stepsPerEpoch));
  const warmup = settings.warmupSteps ?? Math.ceil(steps / 10);
  const before =
    pairs.validation.length > 0
      ? await evaluateFolder(base.path, pairs.validation, options)
      : undefined;

  const saved = existsSync(run.checkpoint) ? await loadCheckpoint(run.checkpoint) : undefined;
  const { threads } = options;
  const { batchSize, microBatch = batchSize } = settings;
  const loss = LOSSES[settings.loss];
  const gradients = await openGradients({
    text,
    image,
    loss,
    batchSize,
    microBatch,
    device,
    threads,
  });
  const stepper = await Stepper.open(gradients, saved?.values ?? initial, {
    device,
    threads,
    optimizer: { ...ADAMW_DEFAULTS, weightDecay: settings.weightDecay },
  });
  const firstStep = saved?.step ?? 0;
  await run.rewind(firstStep);
  const losses: number[] = [];
  const started = performance.now();
  let savedAt = started;
  try {
    let next = batches.at(firstStep);
    for (let step = firstStep; step < steps; step++) {
      const batch = await next;
      if (step + 1 < steps) next = batches.at(step + 1);
      const rate = learningRate(step, steps, warmup, settings.learningRate);
      const { loss, gradientNorm } = await stepper.step(batch, step, rate);
      if (!Number.isFinite(loss)) {
        throw new Error(`the loss is ${loss} at step ${step + 1}; try a lower --lr`);
      }
      losses.push(loss);
      await run.metric({ step: step + 1, loss, gradientNorm, learningRate: rate });
      const seconds = (performance.now() - started) / 1000;
      options.onProgress({
        phase: 'train',
        done: step + 1,
        total: steps,
        loss,
        samplesPerSecond: (losses.length * settings.batchSize) / seconds,
        secondsLeft: (seconds / losses.length) * (steps - step - 1),
      });
      const due = performance.now() - savedAt > options.checkpointSeconds * 1000;
      if (due || options.signal?.aborted) {
        await saveCheckpoint(run.checkpoint, step + 1, await stepper.read());
        savedAt = performance.now();
      }
      if (options.signal?.aborted) {
        await next.catch(() => {});
        throw new TrainingInterrupted(
          `stopped after step ${step + 1} of ${steps}; go on with --resume ${run.path}`,
        );
      }
    }
    const values = await stepper.read();
    await saveCheckpoint(run.checkpoint, steps, values);
    await exportModel(base, values, options.out ?? run.model);
  } finally {
    await stepper.release();
  }
  const seconds = (performance.now() - started) / 1000;
  const model = options.out ?? run.model;
  const report: TrainReport = {
    run: run.path,
    model,
    steps,
    seconds,
    samplesPerSecond: (losses.length * settings.batchSize) / seconds,
    loss: { first: losses[0] ?? NaN, last: losses.at(-1) ?? NaN },
    evaluation: before
      ? { before, after: await evaluateFolder(model, pairs.validation, options) }
      : null,
    skipped: [...batches.skipped].map(([image, reason]) => ({ image, reason })),
  };
  await run.write('report.json', report);
  return report;
}
