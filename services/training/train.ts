// The trainer: from a base model and pairs to a model folder and a report. Reads top to bottom.

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { readModelFolder, type ModelFolder } from '#model';
import { fastestDevice } from '#runtime';
import { interpolate } from './blend';
import { writeCard } from './card';
import { loadCheckpoint, weightsOf } from './checkpoint';
import { chooseBlend } from './choice';
import { openCourse } from './course';
import { readData, type Data } from './data/data';
import { settleRate } from './tower/default-rate';
import { checkTarget, exportModel } from './export';
import { takeSteps, type Pace } from './loop';
import { measure, type MeasureOptions, type Measurement } from './evaluation/measure';
import { TrainingInterrupted, type TrainOptions } from './options';
import { compare, costs, losses, type TrainReport } from './outcome';
import { dataReport } from './report/report';
import type { AskedSettings, RunFolder, RunSettings } from './run';
import { Validation } from './validation';

const DATA_REPORT = 'data-report.json';

/** Keeps what the data is like, without a look into the pictures, where a new run begins. */
async function describeData(run: RunFolder, settings: RunSettings, base: ModelFolder) {
  if ((await run.read(DATA_REPORT)) !== undefined) return;
  const options = { decode: false, onProgress: () => {} };
  await run.write(DATA_REPORT, await dataReport(settings, base, options));
}

/** Measures the base model, or reads what the run measured when it began. */
async function measureBase(
  run: RunFolder,
  base: string,
  data: Data,
  options: MeasureOptions,
): Promise<Measurement> {
  const known = (await run.read('before.json')) as Measurement | undefined;
  if (known !== undefined) return known;
  const before = await measure(base, data, options);
  await run.write('before.json', before);
  return before;
}

/** Progress of a measurement, which an interrupt ends: what it found is found again. */
function measuring(run: RunFolder, options: TrainOptions, device: MeasureOptions['device']) {
  const onProgress = (done: number, total: number) => {
    if (options.signal?.aborted) throw new TrainingInterrupted('while evaluating', run.path);
    options.onProgress({ phase: 'evaluate', done, total });
  };
  return { device, threads: options.threads, onProgress };
}

/** A run that cannot be opened leaves no folder behind that was not there before. */
async function openFresh<T>(run: RunFolder, open: () => Promise<T>): Promise<T> {
  const known = existsSync(run.path);
  try {
    return await open();
  } catch (error) {
    if (known) throw error;
    await rm(run.path, { recursive: true, force: true });
    if (!(error instanceof TrainingInterrupted)) throw error;
    throw new Error('stopped before the first step; nothing was kept', { cause: error });
  }
}

/**
 * Trains the run in `run`'s folder from its last checkpoint, or from the base model, to the end.
 * The same settings on the same device give the same losses, interrupted or not. Throws one line
 * where data or model do not fit, before anything is written; TrainingInterrupted after saving when
 * `signal` aborts.
 */
export async function train(
  run: RunFolder,
  asked: AskedSettings,
  options: TrainOptions,
): Promise<TrainReport> {
  const { device, tried } = await fastestDevice(options.device, options.threads);
  for (const { device: name, outcome } of tried) options.onNote(`device ${name}: ${outcome}`);
  const base = await readModelFolder(asked.model);
  const settings = await settleRate(base, asked);
  const model = settings.out ?? run.model;
  await checkTarget(model);
  if (path.resolve(model) === base.path) throw new Error('--out is the base model; choose another');
  const data = await readData(settings);
  const measured = measuring(run, options, device);

  const course = await openFresh(run, () =>
    openCourse(run, settings, base, data.train, { ...measured, onNote: options.onNote }),
  );
  let before: Measurement;
  let validation: Validation;
  let pace: Pace;
  try {
    await run.begin(settings, course.firstStep);
    await describeData(run, settings, base);
    before = await measureBase(run, base.path, data, measured);
    validation = await Validation.open(run, settings, base, course, data.validation, measured);
    pace = await takeSteps(run, settings, course, validation, options);
  } finally {
    await course.release();
  }

  const { best } = validation;
  const state = await loadCheckpoint(best === undefined ? run.checkpoint : run.best);
  const tuned = course.exported(weightsOf(state.values));
  const { base: from } = course;
  const { after, ...blend } = await chooseBlend(
    base,
    { from, tuned },
    data,
    before,
    run.trial,
    measured,
  );
  if (blend.alpha === 0) {
    const warning = `the model is the base, unchanged; the tuned weights are in ${run.best}`;
    options.onNote(`warning: ${warning}`);
    pace.warnings.push(warning);
  }
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
    warnings: pace.warnings,
    skipped: [...course.batches.skipped].map(([image, reason]) => ({ image, reason })),
  };
  await exportModel(base, interpolate(from, tuned, blend.alpha), model);
  await course.saveAdapters(run.adapters, base, state.values, blend.alpha);
  await writeCard(model, base, settings, report);
  await run.write('report.json', report);
  return report;
}
