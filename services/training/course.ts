// The course of a run: batches, towers and state, from the base model or the last checkpoint.

import { existsSync } from 'node:fs';
import type { ModelFolder } from '#model';
import { Random } from '#random';
import { saveAdapters } from './tower/adapters';
import type { Batches } from './data/batches';
import { openBatches } from './data/open-batches';
import { loadCheckpoint } from './checkpoint';
import { Ema, warmedDecay } from './step/ema';
import { replaceFrozen, type KeepingOptions, type Replaced } from './tower/frozen';
import { openGradients } from './step/gradients';
import { buildObjective, type Objective } from './loss/objective';
import { likenessOf } from './data/similar';
import type { KeptRows } from './tower/kept-rows';
import { Momentum, MOMENTUM } from './step/momentum';
import { ADAMW_DEFAULTS } from './step/optimizer';
import type { Pair } from './data/pairs';
import type { Parameter } from './tower/parameters';
import {
  averagedValues,
  EMA_PREFIX,
  exportedValues,
  prepareTowers,
  type Towers,
} from './tower/prepare';
import { describeRates, rateGroups } from './tower/rates';
import type { RunFolder, RunSettings } from './run';
import { Stepper, type StateValues } from './step/stepper';

/** What moves at each step. */
interface Moving {
  stepper: Stepper;
  momentum: Momentum | undefined;
  /** Averages of the weights, where they are what is exported. */
  ema: Ema | undefined;
  /** The embeddings of a frozen tower. */
  kept: KeptRows | undefined;
}

/** What a run steps through. */
export class Course {
  constructor(
    readonly batches: Batches,
    /** Steps in all, and those done before. */
    readonly steps: number,
    readonly firstStep: number,
    private readonly settings: RunSettings,
    private readonly towers: Towers,
    /** What training starts from. */
    private readonly initial: StateValues,
    private readonly moving: Moving,
  ) {}

  /** The weights of the model that training starts from, under the names that `exported` gives. */
  get base(): StateValues {
    return this.exported(this.initial);
  }

  /** Step number `step`, counted from 0. Returns the loss before it. */
  async step(step: number, learningRate: number): Promise<{ loss: number; gradientNorm: number }> {
    const { stepper, momentum, ema } = this.moving;
    const batch = await this.batches.at(step);
    const extra = (await momentum?.before(batch)) ?? {};
    const fed = { ...batch, extra: { ...batch.extra, ...extra } };
    const result = await stepper.step(fed, step, learningRate);
    await momentum?.after(batch, extra, stepper.weights());
    await ema?.update(stepper.weights(), warmedDecay(this.settings.ema!, step));
    return result;
  }

  /** All that a checkpoint has to hold: good until the next step. */
  async state(): Promise<StateValues> {
    const { stepper, momentum, ema } = this.moving;
    const averages = [...((await momentum?.read()) ?? []), ...((await ema?.read()) ?? [])];
    return new Map([...(await stepper.read()), ...averages]);
  }

  /** The weights of a model, for exportModel, that a state or the weights of it stand for. */
  exported(state: StateValues): StateValues {
    return exportedValues(this.towers, state);
  }

  /** Writes the adapters alone, if adapters are what is trained. `share` of them is in the model. */
  async saveAdapters(file: string, base: ModelFolder, state: StateValues, share: number) {
    const { lora } = this.settings;
    if (lora === undefined) return;
    const weights = averagedValues(state);
    await saveAdapters(file, base, this.towers, { weights, initial: this.initial, share }, lora);
  }

  async release(): Promise<void> {
    const { stepper, momentum, ema, kept } = this.moving;
    await this.batches.release();
    await stepper.release();
    await momentum?.release();
    await ema?.release();
    kept?.release();
  }
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
  models: Towers,
  { towers, kept }: Replaced,
  objective: Objective,
  batches: Batches,
  { device, threads, onNote }: KeepingOptions,
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
  const { parameters } = gradients;
  describeRates(rateGroups(parameters, settings.learningRate)).forEach(onNote);
  const initial = initialValues(towers, parameters, base, settings.seed);
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
  const ema =
    settings.ema === undefined
      ? undefined
      : await Ema.open(parameters, values, { device, threads, prefix: EMA_PREFIX });
  const steps = Math.max(1, Math.round(settings.epochs * batches.stepsPerEpoch));
  const moving = { stepper, momentum, ema, kept };
  return new Course(batches, steps, saved?.step ?? 0, settings, models, initial, moving);
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
  options: KeepingOptions,
): Promise<Course> {
  const objective = buildObjective(settings);
  const models = await prepareTowers(base, settings, objective);
  const step = await replaceFrozen(run, base, settings, models, pairs, options);
  const { towers, embeddings, kept } = step;
  const likeness =
    settings.similar === undefined ? undefined : await likenessOf(base, step.pairs, options);
  const batches = await openBatches(base, settings, step.pairs, {
    ...towers,
    embeddings,
    likeness,
  });
  for (const [image, reason] of kept?.skipped ?? []) batches.skipped.set(image, reason);
  try {
    return await openSteps(run, settings, base, models, step, objective, batches, options);
  } catch (error) {
    await batches.release();
    throw error;
  }
}
