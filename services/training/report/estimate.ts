// What a run will cost in memory and time: from its graphs, then from a few real steps if they fit.

import os from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ModelFolder } from '#model';
import { size } from '#onnx';
import { Random } from '#random';
import type { Device } from '#runtime';
import { openCourse } from '../course';
import { buildObjective } from '../loss/objective';
import { activationBytes } from './memory';
import type { Pair } from '../data/pairs';
import { prepareTowers, type Towers } from '../tower/prepare';
import { RunFolder, type RunSettings } from '../run';

/**
 * Steps that are timed, after one that is not; fewer, but two, when they take longer than this
 * together. The first of another caption length opens a graph: the median leaves it out.
 */
const STEPS = 5;
const LEAST = 2;
const SECONDS = 30;

/** Batches of pairs that the timed steps draw from. */
const BATCHES = 4;

/** Copies of each trained weight: itself, its gradient, two moments; averages come on top. */
const COPIES = 4;

export interface Estimate {
  device: Device;
  /** Numbers in the weights of both towers, and those that are trained. */
  weights: number;
  trained: number;
  /** Bytes by what they are for; the runtime itself, a few hundred MB, not among them. */
  bytes: { weights: number; training: number; activations: number; total: number };
  /** Bytes of memory that are free on this machine now. */
  free: number;
  steps: number;
  /** What real steps took; `null` where they would not fit. */
  measured: Measured | null;
}

export interface Measured {
  steps: number;
  /** The median. */
  secondsPerStep: number;
  samplesPerSecond: number;
  /** Of the whole run's steps, without evaluations. */
  seconds: number;
  /** The most that the process has held up to now, on the host. */
  peakBytes: number;
}

interface EstimateOptions {
  device: Device;
  threads: number;
  /** Tokens that captions are padded to, where the text tower takes any number. */
  length: number;
}

/** Estimates from the graphs, then takes a few steps of training that are thrown away. */
export async function estimate(
  base: ModelFolder,
  settings: RunSettings,
  pairs: readonly Pair[],
  options: EstimateOptions,
): Promise<Estimate> {
  const objective = buildObjective(settings);
  const towers = await prepareTowers(base, settings, objective);
  const { weights, trained } = countWeights(towers);
  const averages = Number(objective.momentum) + Number(settings.ema !== undefined);
  const bytes = {
    weights: 4 * (weights - trained),
    training: (COPIES + averages) * 4 * trained,
    activations: activations(towers, settings, options),
  };
  const total = bytes.weights + bytes.training + bytes.activations;
  const perEpoch = Math.floor(pairs.length / settings.batchSize);
  const steps = Math.max(1, Math.round(settings.epochs * perEpoch));
  const free = os.freemem();
  const fits = total < free && perEpoch > 0;
  return {
    device: options.device,
    weights,
    trained,
    bytes: { ...bytes, total },
    free,
    steps,
    measured: fits ? await takeSome(base, settings, pairs, steps, options) : null,
  };
}

function countWeights({ text, image }: Towers): { weights: number; trained: number } {
  const counts = { weights: 0, trained: 0 };
  for (const tower of [text, image]) {
    for (const [name, { dims, dataType }] of tower?.graph.initializers ?? []) {
      if (dataType !== 'float32') continue;
      counts.weights += size(dims);
      if (tower!.trained.has(name)) counts.trained += size(dims);
    }
  }
  return counts;
}

/** In one pass the activations of both towers are alive together; in micro-batches, one tower's. */
function activations(
  { text, image }: Towers,
  { batchSize, microBatch = batchSize }: RunSettings,
  { length: longest, device }: EstimateOptions,
): number {
  const pairs = Math.min(batchSize, microBatch);
  const length = text?.length ?? longest;
  const each = [text, image].map((tower) =>
    tower === undefined ? 0 : activationBytes(tower, { pairs, length }, device),
  );
  return microBatch >= batchSize ? each[0]! + each[1]! : Math.max(...each);
}

async function takeSome(
  base: ModelFolder,
  settings: RunSettings,
  pairs: readonly Pair[],
  total: number,
  { device, threads }: EstimateOptions,
): Promise<Measured> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bifocal-estimate-'));
  const order = new Random(settings.seed).permutation(pairs.length);
  const some = [...order.subarray(0, BATCHES * settings.batchSize)].map((at) => pairs[at]!);
  const telling = { device, threads, onNote: () => {}, onProgress: () => {} };
  try {
    const course = await openCourse(new RunFolder(folder), settings, base, some, telling);
    try {
      const seconds: number[] = [];
      const begun = performance.now();
      for (let step = 0; step <= STEPS; step++) {
        const started = performance.now();
        await course.step(step, settings.learningRate);
        if (step > 0) seconds.push((performance.now() - started) / 1000);
        if (step >= LEAST && performance.now() - begun > SECONDS * 1000) break;
      }
      const secondsPerStep = seconds.sort((a, b) => a - b)[Math.floor((seconds.length - 1) / 2)]!;
      return {
        steps: seconds.length,
        secondsPerStep,
        samplesPerSecond: settings.batchSize / secondsPerStep,
        seconds: secondsPerStep * total,
        peakBytes: process.resourceUsage().maxRSS * 1024,
      };
    } finally {
      await course.release();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
