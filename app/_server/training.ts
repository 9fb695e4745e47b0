// Runs of training as the pages and the API show them: with the jobs that work on them, and without paths.
import type { RunAnswer, RunDetailAnswer, RunsAnswer } from '#api';
import { config } from '#config';
import type { Job } from '#jobs';
import { openRuns, type RunDetail, type RunSummary } from '#runs';
import { asDataReport, nameOf } from '../_lib/data-report';
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

/** Collections with how many of their pictures on the disk have captions, most first: what can be trained on. */
export async function captionedCollections(): Promise<{ name: string; captioned: number }[]> {
  const store = await catalog();
  const list = await store.collections.list();
  return list
    .map(({ name }) => {
      const filter = { collection: name, hasCaption: true, missing: false };
      return { name, captioned: store.filtered(filter, 'image').length };
    })
    .filter(({ captioned }) => captioned > 0)
    .sort((one, other) => other.captioned - one.captioned);
}
