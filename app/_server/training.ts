// Runs of training as the pages and the API show them: with the jobs that work on them, and without paths.
import path from 'node:path';
import type { DataReportAnswer, RunAnswer, RunDetailAnswer, RunsAnswer } from '#api';
import { config } from '#config';
import type { Job } from '#jobs';
import { openRuns, type RunDetail, type RunSummary } from '#runs';
import type { DataReport, SetReport } from '#training';
import { catalog, jobs } from './services';

export async function listRuns(): Promise<RunsAnswer> {
  const [runs, work, folder] = await Promise.all([
    openRuns(config().home).list(),
    trainingJobs(),
    servingFolder(),
  ]);
  const known = new Set(runs.map(({ name }) => name));
  return {
    runs: runs.map((run) => asRun(run, work, folder)),
    starting: work.filter((job) => !known.has(runOf(job) ?? '')),
  };
}

/** Throws UnknownRun. */
export async function readRun(name: string): Promise<RunDetailAnswer> {
  const [run, work, folder] = await Promise.all([
    openRuns(config().home).get(name),
    trainingJobs(),
    servingFolder(),
  ]);
  const { settings, curves, dataReport, report } = run;
  return {
    ...asRun(run, work, folder),
    settings: withoutPaths(settings),
    curves,
    dataReport: dataReport && asDataReport(dataReport),
    report: report && asReport(report),
  };
}

/** Jobs that train, the newest first. */
async function trainingJobs(): Promise<Job[]> {
  return (await jobs().list()).filter(({ kind }) => kind === 'train' || kind === 'resume');
}

/** The run that a job works on, once it has said so. */
function runOf({ parameters, progress }: Job): string | undefined {
  return (progress?.detail?.run ?? parameters.run) as string | undefined;
}

async function servingFolder(): Promise<string | undefined> {
  return (await (await catalog()).models.serving())?.folder;
}

function asRun(
  { output, ...run }: RunSummary | RunDetail,
  work: readonly Job[],
  serving: string | undefined,
): RunAnswer {
  const { name, state, startedAt, updatedAt, pictures, step, steps, loss, recall } = run;
  return {
    name,
    state,
    startedAt,
    updatedAt,
    model: nameOf(run.model),
    data: nameOf(run.data),
    pictures,
    step,
    steps,
    loss,
    recall,
    serves: output !== null && output === serving,
    job: work.find((job) => runOf(job) === name) ?? null,
  };
}

/** What an absolute path ends with; anything else as it is. */
function nameOf(source: string): string {
  return path.isAbsolute(source) ? path.basename(source) : source;
}

function withoutPaths(settings: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      typeof value === 'string' ? nameOf(value) : (value as unknown),
    ]),
  );
}

function asReport(report: NonNullable<RunDetail['report']>): RunDetailAnswer['report'] {
  const { blend, skipped, run, model, ...rest } = report;
  const files = [run, model];
  return {
    ...rest,
    alpha: blend.alpha,
    reason: blend.reason,
    skipped: skipped.map(({ image, reason }) => ({ image: nameOf(image), reason })),
    warnings: rest.warnings.map((warning) =>
      files.reduce((text, file) => text.replaceAll(file, nameOf(file)), warning),
    ),
  };
}

/** The report on a run's data as `train --dry-run` and a run's folder have it, files by their names. */
export function asDataReport(report: DataReport): DataReportAnswer {
  const { split, leakage, batch, flip, estimate } = report;
  const twins = ([one, other]: [string, string]) => `${nameOf(one)} = ${nameOf(other)}`;
  return {
    data: asSetReport(report.data),
    split,
    leakage: leakage && {
      same: {
        count: leakage.paths.count + leakage.contents.count,
        first: [...leakage.paths.first.map(nameOf), ...leakage.contents.first.map(twins)],
      },
      lookAlikes: leakage.lookAlikes && found(leakage.lookAlikes, twins),
    },
    batch: {
      size: batch.size,
      stepsPerEpoch: batch.stepsPerEpoch,
      wrongNegatives: batch.lookAlikes,
    },
    flip,
    estimate: estimate && {
      steps: estimate.steps,
      seconds: estimate.measured?.seconds ?? null,
      bytes: Math.max(estimate.bytes.total, estimate.measured?.peakBytes ?? 0),
      free: estimate.free,
      weights: estimate.weights,
      trained: estimate.trained,
    },
  };
}

function found<T>({ count, first }: { count: number; first: T[] }, name: (one: T) => string) {
  return { count, first: first.map(name) };
}

function asSetReport(set: SetReport): DataReportAnswer['data'] {
  const failed = ({ image, reason }: { image: string; reason: string }) =>
    `${nameOf(image)}: ${reason}`;
  return {
    pictures: set.pictures,
    bare: set.bare,
    captions: set.captions.count,
    differentCaptions: set.captions.different,
    captionsPerPicture: set.captions.perPicture.mean,
    missing: found(set.missing, failed),
    unreadable: set.unreadable && found(set.unreadable, failed),
    equal: found(set.equal, (group) => group.map(nameOf).join(' = ')),
    lookAlikes: set.lookAlikes && found(set.lookAlikes, (both) => both.map(nameOf).join(' = ')),
    shared: found(set.shared, ({ caption, pictures }) => `${caption} (${pictures})`),
    overlong: found(set.overlong, ({ caption, tokens }) => `${caption} (${tokens})`),
    languages: set.languages,
  };
}
