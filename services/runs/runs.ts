// Reads the folders of runs, as services/training writes them. Writes nothing.

import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { tryLock } from '#catalog';
import type { DataReport, RunSettings, TrainReport } from '#training';
import { curvesOf, rowsOf } from './curves';
import type { RunDetail, RunState, RunSummary } from './types';

/** What a run is called, and what its folder may be called at all. */
const NAME = /^\w[\w.-]{0,99}$/;

/** There is no run of that name. */
export class UnknownRun extends Error {
  override readonly name = 'UnknownRun';
}

/** What of `before.json` is needed: the ranks that the base model gave, from 1, a query. */
interface Before {
  validation?: Record<'textToImage' | 'imageToText', { ranks: number[] }>;
}

export class Runs {
  /** @param folder - where the runs' folders are. */
  constructor(private readonly folder: string) {}

  /** Every run, the newest first. Folders that are none are left out. */
  async list(): Promise<RunSummary[]> {
    const names = (await readdir(this.folder).catch(() => [])).filter((name) => NAME.test(name));
    const runs = await Promise.all(names.map((name) => this.summary(name)));
    return runs
      .filter((run) => run !== null)
      .sort((one, other) => (one.startedAt < other.startedAt ? 1 : -1));
  }

  /** One run with its curves and reports. Throws UnknownRun. */
  async get(name: string): Promise<RunDetail> {
    const summary = NAME.test(name) ? await this.summary(name) : null;
    if (summary === null) throw new UnknownRun(`there is no run ${name}`);
    const [settings, metrics, validation, dataReport, report] = await Promise.all([
      this.json<RunSettings>(name, 'settings.json'),
      this.text(name, 'metrics.jsonl'),
      this.text(name, 'validation.jsonl'),
      this.json<DataReport>(name, 'data-report.json'),
      this.json<TrainReport>(name, 'report.json'),
    ]);
    if (settings === null) throw new UnknownRun(`there is no run ${name} any more`);
    return { ...summary, settings, curves: curvesOf(metrics, validation), dataReport, report };
  }

  private async summary(name: string): Promise<RunSummary | null> {
    const settings = await this.json<RunSettings>(name, 'settings.json');
    if (settings === null) return null;
    const [metrics, validation, data, before, report] = await Promise.all([
      this.text(name, 'metrics.jsonl'),
      this.text(name, 'validation.jsonl'),
      this.json<DataReport>(name, 'data-report.json'),
      this.json<Before>(name, 'before.json'),
      this.json<TrainReport>(name, 'report.json'),
    ]);
    const last = rowsOf<{ step: number; loss: number }>(metrics.slice(-2000)).at(-1);
    const recalls = rowsOf<{ meanRecall: number }>(validation).map((row) => row.meanRecall);
    const evaluation = report?.evaluation;
    return {
      name,
      state: this.state(name, report !== null),
      ...(await this.times(name)),
      model: settings.model,
      data: settings.data,
      pictures: data?.split.train ?? null,
      step: last?.step ?? 0,
      steps: stepsOf(settings, data),
      loss: last?.loss ?? null,
      recall: {
        before: evaluation?.before.meanRecall.value ?? meanRecallOf(before),
        best: recalls.length === 0 ? null : Math.max(...recalls),
        after: evaluation?.after.meanRecall.value ?? null,
      },
      output: report === null ? null : (settings.out ?? path.join(this.folder, name, 'model')),
    };
  }

  /** A process at work on a run holds its lock (services/training/lock.ts). */
  private state(name: string, reported: boolean): RunState {
    const lock = path.join(this.folder, `${name}.lock`);
    if (existsSync(lock)) {
      const unlock = tryLock(lock);
      if (unlock === undefined) return 'running';
      unlock();
    }
    return reported ? 'done' : 'stopped';
  }

  /** A run is named by when it was begun; one that was renamed began when its folder was made. */
  private async times(name: string): Promise<{ startedAt: string; updatedAt: string }> {
    const files = ['settings.json', 'metrics.jsonl', 'validation.jsonl', 'report.json'];
    const stats = await Promise.all(
      files.map((file) => stat(path.join(this.folder, name, file)).catch(() => null)),
    );
    const written = stats.flatMap((one) => (one === null ? [] : [one.mtimeMs]));
    const [, day, time] = /^(\d{8})-(\d{6})\b/.exec(name) ?? [];
    const named = day && time && Date.parse(isoOf(day, time));
    const made = stats[0]?.birthtimeMs ?? Date.now();
    return {
      startedAt: new Date(named || made).toISOString(),
      updatedAt: new Date(Math.max(made, ...written)).toISOString(),
    };
  }

  private text(name: string, file: string): Promise<string> {
    return readFile(path.join(this.folder, name, file), 'utf8').catch(() => '');
  }

  /** Files of a run are complete or absent; one that is damaged all the same counts as absent. */
  private async json<T>(name: string, file: string): Promise<T | null> {
    try {
      return JSON.parse(await readFile(path.join(this.folder, name, file), 'utf8')) as T;
    } catch {
      return null;
    }
  }
}

/** The runs of a data folder. */
export function openRuns(home: string): Runs {
  return new Runs(path.join(home, 'runs'));
}

function isoOf(day: string, time: string): string {
  const date = day.replace(/(\d{4})(\d{2})(\d{2})/, '$1-$2-$3');
  return `${date}T${time.replace(/(\d{2})(\d{2})(\d{2})/, '$1:$2:$3')}Z`;
}

/** As services/training/course.ts counts them. */
function stepsOf({ epochs }: RunSettings, data: DataReport | null): number | null {
  return data === null ? null : Math.max(1, Math.round(epochs * data.batch.stepsPerEpoch));
}

/** Mean of recall@1, 5 and 10 of both directions, as validations report it. */
function meanRecallOf(before: Before | null): number | null {
  if (!before?.validation) return null;
  const { textToImage, imageToText } = before.validation;
  const recalls = [textToImage, imageToText].flatMap(({ ranks }) =>
    [1, 5, 10].map((cut) => ranks.filter((rank) => rank <= cut).length / ranks.length),
  );
  return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
}
