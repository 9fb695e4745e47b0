// The end of a run: which weights become the model, the model written and measured, the report.

import type { ModelFolder } from '#model';
import { interpolate } from './blend';
import { writeCard } from './card';
import { loadCheckpoint, weightsOf } from './checkpoint';
import { chooseBlend } from './choice';
import type { Course } from './course';
import type { Data } from './data/data';
import type { Pair } from './data/pairs';
import { rankFolder, type MeasureOptions, type Measurement } from './evaluation/measure';
import { exportModel } from './export';
import type { Pace } from './loop';
import type { TrainOptions } from './options';
import { compare, costs, losses, type Comparison, type TrainReport } from './outcome';
import type { RunFolder, RunSettings } from './run';
import type { ValidationRow } from './validation';

/** What the steps have led to. */
export interface Trained {
  settings: RunSettings;
  base: ModelFolder;
  course: Course;
  data: Data;
  before: Measurement;
  best: ValidationRow | undefined;
  pace: Pace;
  warnings: string[];
}

/** Chooses the weights, writes them to the folder `model`, measures what came out, and reports. */
export async function handOver(
  run: RunFolder,
  model: string,
  { settings, base, course, data, before, best, pace, warnings }: Trained,
  options: MeasureOptions & Pick<TrainOptions, 'onNote'>,
): Promise<TrainReport> {
  const state = await loadCheckpoint(best === undefined ? run.checkpoint : run.best);
  const weights = { from: course.base, tuned: course.exported(weightsOf(state.values)) };
  const choice = await chooseBlend(base, weights, data, before, run.trial, options);
  const { after, ...blend } = choice;
  if (blend.alpha === 0) {
    const warning = `the model is the base, unchanged; the tuned weights are in ${run.best}`;
    options.onNote(`warning: ${warning}`);
    warnings.push(warning);
  }
  await exportModel(base, interpolate(weights.from, weights.tuned, blend.alpha), model);
  await course.saveAdapters(run.adapters, base, state.values, blend.alpha);
  const report: TrainReport = {
    run: run.path,
    model,
    steps: pace.step,
    stoppedEarly: pace.stoppedEarly,
    ...(await costs(run, pace, settings.batchSize)),
    loss: await losses(run),
    best: best === undefined ? null : { step: state.step, meanRecall: best.meanRecall },
    blend,
    evaluation: compare(before.validation, after.validation),
    retention: compare(before.retention, after.retention),
    test: await compareOnTest(base, model, data.test, options),
    warnings,
    skipped: [...course.batches.skipped].map(([image, reason]) => ({ image, reason })),
  };
  await writeCard(model, base, settings, report);
  await run.write('report.json', report);
  return report;
}

/** The base and the tuned model on the pairs that nothing was chosen by. */
async function compareOnTest(
  base: ModelFolder,
  model: string,
  pairs: Pair[],
  options: MeasureOptions,
): Promise<Comparison | null> {
  if (pairs.length === 0) return null;
  const before = await rankFolder(base.path, pairs, options);
  const after = await rankFolder(model, pairs, options);
  return compare(before.ranks, after.ranks);
}
