// The course of a run: its batches and its stepper, from the base model or the last checkpoint.

import { existsSync } from 'node:fs';
import { loadTokenizer, type ModelFolder } from '#model';
import { readModel, type Graph } from '#onnx';
import type { Device } from '#runtime';
import { AUGMENTATIONS } from './augment';
import { Batches, type BatchShape } from './batches';
import { loadCheckpoint } from './checkpoint';
import { openGradients } from './gradients';
import { LOSSES } from './loss';
import { ADAMW_DEFAULTS } from './optimizer-graph';
import type { Pair } from './pairs';
import { LOGIT_BIAS, LOGIT_SCALE, weightNames } from './parameters';
import type { RunFolder, RunSettings } from './run';
import { Stepper, type StateValues } from './stepper';
import { IMAGE_PREFIX, imageTower, TEXT_PREFIX, textTower } from './tower';

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

/** What a run steps through. */
export interface Course {
  batches: Batches;
  stepper: Stepper;
  /** Steps done before, and steps in all. */
  firstStep: number;
  steps: number;
}

/** Batches of `pairs` in the shape that the base model and the longest caption ask for. */
async function openBatches(base: ModelFolder, settings: RunSettings, pairs: Pair[]) {
  const tokenizer = await loadTokenizer(base);
  const captions = [...new Set(pairs.flatMap((pair) => pair.captions))];
  const longest = tokenizer.encode(captions).reduce((most, ids) => Math.max(most, ids.length), 0);
  const { width, height, mean, std } = base.preprocessing;
  const shape: BatchShape = {
    size: settings.batchSize,
    captions: settings.captionsPerPicture,
    length: Math.min(tokenizer.contextLength, Math.ceil(longest / LENGTH_UNIT) * LENGTH_UNIT),
  };
  const batches = new Batches(pairs, tokenizer, {
    shape,
    view: { width, height, mean, std },
    augmentation: AUGMENTATIONS[settings.augmentation],
    seed: settings.seed,
  });
  return { batches, shape };
}

/** Builds and opens the graphs, with the state of the last checkpoint or of the base model. */
export async function openCourse(
  run: RunFolder,
  settings: RunSettings,
  base: ModelFolder,
  pairs: Pair[],
  { device, threads }: { device: Device; threads: number },
): Promise<Course> {
  const { batches, shape } = await openBatches(base, settings, pairs);
  const { graph: text } = await readModel(base.textModel);
  const { graph: image } = await readModel(base.visionModel);
  const gradients = await openGradients({
    text: textTower(text, settings.captionsPerPicture, settings.freeze === 'text'),
    image: imageTower(image, base.preprocessing, settings.freeze === 'image'),
    loss: LOSSES[settings.loss],
    batchSize: settings.batchSize,
    microBatch: settings.microBatch ?? settings.batchSize,
    length: shape.length,
    device,
    threads,
  });
  const saved = existsSync(run.checkpoint) ? await loadCheckpoint(run.checkpoint) : undefined;
  const stepper = await Stepper.open(gradients, saved?.values ?? initialValues(text, image, base), {
    device,
    threads,
    optimizer: { ...ADAMW_DEFAULTS, weightDecay: settings.weightDecay },
  });
  const steps = Math.max(1, Math.round(settings.epochs * batches.stepsPerEpoch));
  return { batches, stepper, firstStep: saved?.step ?? 0, steps };
}
