// The course of a run: its batches and its stepper, from the base model or the last checkpoint.

import { existsSync } from 'node:fs';
import { loadTokenizer, type ModelFolder } from '#model';
import { Random } from '#random';
import type { Device } from '#runtime';
import { AUGMENTATIONS } from './augment';
import { Batches, type BatchShape } from './batches';
import { loadCheckpoint } from './checkpoint';
import { openGradients } from './gradients';
import { buildObjective } from './loss/objective';
import { ADAMW_DEFAULTS } from './optimizer-graph';
import type { Pair } from './pairs';
import type { Parameter } from './parameters';
import { readTower } from './read-tower';
import type { RunFolder, RunSettings } from './run';
import { Stepper, type StateValues } from './stepper';
import type { Tower } from './tower';

/** Captions are padded to a multiple of this many tokens. */
const LENGTH_UNIT = 8;

function initialValues(
  towers: Tower[],
  parameters: Parameter[],
  { config }: ModelFolder,
  seed: number,
): StateValues {
  const { logitScale, logitBias } = config;
  const start = { logitScale, logitBias, random: new Random(seed) };
  const values: StateValues = new Map(
    parameters.flatMap(({ name, initial }) => (initial ? [[name, initial(start)]] : [])),
  );
  for (const { graph, prefix, trained } of towers) {
    for (const name of trained) {
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
  const objective = buildObjective(settings);
  const text = await readTower(base, 'text', {
    rows: settings.captionsPerPicture,
    frozen: settings.freeze === 'text',
  });
  const image = await readTower(base, 'image', {
    rows: objective.views,
    frozen: settings.freeze === 'image',
  });
  const gradients = await openGradients({
    text: objective.text ? text : undefined,
    image,
    objective,
    batchSize: settings.batchSize,
    microBatch: settings.microBatch ?? settings.batchSize,
    length: shape.length,
    device,
    threads,
  });
  const saved = existsSync(run.checkpoint) ? await loadCheckpoint(run.checkpoint) : undefined;
  const values =
    saved?.values ?? initialValues([text, image], gradients.parameters, base, settings.seed);
  const stepper = await Stepper.open(gradients, values, {
    device,
    threads,
    optimizer: { ...ADAMW_DEFAULTS, weightDecay: settings.weightDecay },
  });
  const steps = Math.max(1, Math.round(settings.epochs * batches.stepsPerEpoch));
  return { batches, stepper, firstStep: saved?.step ?? 0, steps };
}
