// The course of a run: batches, towers and state, from the base model or the last checkpoint.

import { existsSync } from 'node:fs';
import type { ModelFolder } from '#model';
import { Random } from '#random';
import type { Device } from '#runtime';
import { openBatches, type Batches } from './batches';
import { loadCheckpoint } from './checkpoint';
import { openGradients } from './gradients';
import { buildObjective, type Objective } from './loss/objective';
import { Momentum, MOMENTUM } from './momentum';
import { ADAMW_DEFAULTS } from './optimizer';
import type { Pair } from './pairs';
import type { Parameter } from './parameters';
import { readTower } from './read-tower';
import type { RunFolder, RunSettings } from './run';
import { Stepper, type StateValues } from './stepper';
import type { Tower } from './tower';

interface Towers {
  /** Absent where the loss takes no captions. */
  text: Tower | undefined;
  image: Tower;
}

/** What a run steps through. */
export class Course {
  constructor(
    readonly batches: Batches,
    /** Steps in all, and those done before. */
    readonly steps: number,
    readonly firstStep: number,
    /** The weights that training starts from, under the names that `exported` gives. */
    readonly base: StateValues,
    private readonly stepper: Stepper,
    private readonly momentum: Momentum | undefined,
  ) {}

  /** Step number `step`, counted from 0. Returns the loss before it. */
  async step(step: number, learningRate: number): Promise<{ loss: number; gradientNorm: number }> {
    const { momentum, stepper } = this;
    const batch = await this.batches.at(step);
    const extra = (await momentum?.before(batch)) ?? {};
    const fed = { ...batch, extra: { ...batch.extra, ...extra } };
    const result = await stepper.step(fed, step, learningRate);
    await momentum?.after(batch, extra, stepper.weights());
    return result;
  }

  /** All that a checkpoint has to hold: good until the next step. */
  async state(): Promise<StateValues> {
    const averages = (await this.momentum?.read()) ?? [];
    return new Map([...(await this.stepper.read()), ...averages]);
  }

  /** The weights of a model, for exportModel, that a state or the weights of it stand for. */
  exported(state: StateValues): StateValues {
    return state;
  }

  async release(): Promise<void> {
    await this.batches.release();
    await this.stepper.release();
    await this.momentum?.release();
  }
}

/** Reads the towers in the form that the settings ask for. */
async function openTowers(
  base: ModelFolder,
  { captionsPerPicture, freeze }: RunSettings,
  { text, views }: Objective,
): Promise<Towers> {
  return {
    text: text
      ? await readTower(base, 'text', { rows: captionsPerPicture, frozen: freeze === 'text' })
      : undefined,
    image: await readTower(base, 'image', { rows: views, frozen: freeze === 'image' }),
  };
}

/** Pairs that go through the towers at once; an export may have fixed its rows. */
function microBatchOf({ text, image }: Towers, settings: RunSettings): number {
  const fixed = [text, image].flatMap((tower) =>
    tower?.batch === undefined ? [] : [tower.batch / tower.rows],
  );
  const [size = settings.microBatch ?? settings.batchSize] = fixed;
  const asked = settings.microBatch ?? size;
  if (fixed.some((other) => other !== size || other !== asked || !Number.isInteger(other))) {
    throw new Error(
      `the model's graphs take ${fixed.join(' and ')} pairs at once, no other number; ` +
        'use --micro-batch with that number, or export them with a free batch axis',
    );
  }
  return size;
}

/** The first values of everything that is trained. */
function initialValues(
  { text, image }: Towers,
  parameters: Parameter[],
  { config }: ModelFolder,
  seed: number,
): StateValues {
  const { logitScale, logitBias } = config;
  const start = { logitScale, logitBias, random: new Random(seed) };
  const values: StateValues = new Map(
    parameters.flatMap(({ name, initial }) => (initial ? [[name, initial(start)]] : [])),
  );
  for (const tower of [text, image]) {
    for (const name of tower?.trained ?? []) {
      const { data } = tower!.graph.initializers.get(name)!;
      values.set(tower!.prefix + name, data as Float32Array);
    }
  }
  return values;
}

/** Opens the graphs, with the state of the last checkpoint or of the base model. */
async function openSteps(
  run: RunFolder,
  settings: RunSettings,
  base: ModelFolder,
  towers: Towers,
  objective: Objective,
  batches: Batches,
  { device, threads }: { device: Device; threads: number },
): Promise<Course> {
  const microBatch = microBatchOf(towers, settings);
  const length = batches.lengths.at(-1)!;
  const gradients = await openGradients({
    ...towers,
    objective,
    batchSize: settings.batchSize,
    microBatch,
    length,
    device,
    threads,
  });
  const initial = initialValues(towers, gradients.parameters, base, settings.seed);
  const saved = existsSync(run.checkpoint) ? await loadCheckpoint(run.checkpoint) : undefined;
  const values = saved?.values ?? initial;
  const optimizer = { ...ADAMW_DEFAULTS, weightDecay: settings.weightDecay };
  const stepper = await Stepper.open(gradients, values, { device, threads, optimizer });
  const momentum = await Momentum.open(values, {
    ...towers,
    objective,
    size: { pairs: microBatch, length },
    momentum: settings.momentum ?? MOMENTUM,
    captionsOf: (picture) => batches.captionsOf(picture),
    device,
    threads,
  });
  const steps = Math.max(1, Math.round(settings.epochs * batches.stepsPerEpoch));
  return new Course(batches, steps, saved?.step ?? 0, initial, stepper, momentum);
}

/**
 * Builds and opens all that a run steps through. Throws one line where settings, model and data do
 * not fit. Release it in the end.
 */
export async function openCourse(
  run: RunFolder,
  settings: RunSettings,
  base: ModelFolder,
  pairs: Pair[],
  options: { device: Device; threads: number },
): Promise<Course> {
  const objective = buildObjective(settings);
  const towers = await openTowers(base, settings, objective);
  const batches = await openBatches(base, settings, pairs, towers);
  try {
    return await openSteps(run, settings, base, towers, objective, batches, options);
  } catch (error) {
    await batches.release();
    throw error;
  }
}
