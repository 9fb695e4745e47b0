// The trainer: from a base model and pairs to a model folder and a report. Reads top to bottom.

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { readModelFolder, type ModelFolder } from '#model';
import { fastestDevice, type Device } from '#runtime';
import { openCourse } from './course';
import { readData, type Data } from './data/data';
import { settleRate } from './tower/default-rate';
import { checkTarget } from './export';
import { handOver } from './hand-over';
import { takeSteps, type Pace } from './loop';
import { measure, type MeasureOptions, type Measurement } from './evaluation/measure';
import { withLocks } from './lock';
import { TrainingInterrupted, type TrainOptions } from './options';
import type { TrainReport } from './outcome';
import { dataReport, type DataReport } from './report/report';
import type { AskedSettings, RunFolder, RunSettings } from './run';
import { settlePace } from './settle-pace';
import { Validation } from './validation';

const DATA_REPORT = 'data-report.json';

/**
 * What the data is like, without a look into the pictures: written where a new run begins. Gives what
 * of it makes the figures of this run worthless.
 */
async function describeData(
  run: RunFolder,
  settings: RunSettings,
  base: ModelFolder,
): Promise<string[]> {
  let report = (await run.read(DATA_REPORT)) as DataReport | undefined;
  if (report === undefined) {
    report = await dataReport(settings, base, { decode: false, onProgress: () => {} });
    await run.write(DATA_REPORT, report);
  }
  const { leakage, split } = report;
  const leaked = (leakage?.paths.count ?? 0) + (leakage?.contents.count ?? 0);
  if (leaked === 0) return [];
  return [
    `${leaked} of ${split.validation + split.test} held-out pictures are trained on too: recall on ` +
      `them shows what was memorised; ${DATA_REPORT} names them`,
  ];
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

/**
 * How the models of a run are measured. An interrupt ends it: what it found is found again. A tower
 * that the run does not train embeds nothing twice.
 */
function measuring(
  run: RunFolder,
  { freeze, loss }: RunSettings,
  { device, threads, signal, onProgress: tell }: TrainOptions & { device: Device },
): MeasureOptions {
  const onProgress = (done: number, total: number) => {
    if (signal?.aborted) throw new TrainingInterrupted('while evaluating', run.path);
    tell({ phase: 'evaluate', done, total });
  };
  const kept = loss === 'none' ? 'text' : freeze;
  const known = kept && { kind: kept, rows: new Map<string, Float32Array>() };
  return { device, threads, onProgress, known };
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
 * where data or model do not fit, or another process is at it, before anything is written;
 * TrainingInterrupted after saving when `signal` aborts.
 */
export async function train(
  run: RunFolder,
  asked: AskedSettings,
  options: TrainOptions,
): Promise<TrainReport> {
  const { device, tried } = await fastestDevice(options.device, options.threads);
  for (const { device: name, outcome } of tried) options.onNote(`device ${name}: ${outcome}`);
  const base = await readModelFolder(asked.model);
  const model = asked.out ?? run.model;
  await checkTarget(model);
  if (path.resolve(model) === base.path) throw new Error('--out is the base model; choose another');
  const written = asked.out === undefined ? [run.path] : [run.path, asked.out];
  try {
    return await withLocks(written, () =>
      trainAlone(run, asked, base, model, { ...options, device }),
    );
  } catch (error) {
    throw isFull(error) ? fullDisk(run, written, error) : error;
  }
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function fullDisk(run: RunFolder, written: string[], cause: unknown): Error {
  const next = existsSync(run.path) ? `go on with --resume ${run.path}` : 'start again';
  const where = written.join(' or ');
  return new Error(`no space is left to write to ${where}; make room and ${next}`, { cause });
}

async function trainAlone(
  run: RunFolder,
  asked: AskedSettings,
  base: ModelFolder,
  model: string,
  options: TrainOptions & { device: Device },
): Promise<TrainReport> {
  const data = await readData(asked);
  const pictures = data.train.length;
  const settings = await settleRate(base, settlePace(asked, pictures), pictures);
  const { epochs, batchSize } = settings;
  options.onNote(
    `${pictures} pictures to train on, ${data.validation.length} to choose by: ` +
      `${epochs} epochs in batches of ${batchSize}`,
  );
  const measured = measuring(run, settings, options);

  const course = await openFresh(run, () =>
    openCourse(run, settings, base, data.train, { ...measured, onNote: options.onNote }),
  );
  const warnings: string[] = [];
  let before: Measurement;
  let validation: Validation;
  let pace: Pace;
  try {
    await run.begin(settings, course.firstStep);
    warnings.push(...(await describeData(run, settings, base)));
    warnings.forEach((warning) => options.onNote(`warning: ${warning}`));
    before = await measureBase(run, base.path, data, measured);
    validation = await Validation.open(run, settings, base, course, data.validation, measured);
    pace = await takeSteps(run, settings, course, validation, options);
  } finally {
    await course.release();
  }

  warnings.push(...pace.warnings);
  const trained = { settings, base, course, data, before, best: validation.best, pace, warnings };
  return handOver(run, model, trained, { ...measured, onNote: options.onNote });
}
