// Long jobs: our own commands in processes of their own, which go on when this one ends. Everything that
// is known of a job is in its folder, so that after a restart they are all still there.

import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { tryLock } from '#catalog';
import { interrupt, startCommand } from './command';
import { JobFolder, type Started } from './folder';
import { kinds, type JobKind, type JobParameters } from './kinds';
import { hasEnded, reasonOf, stateOf } from './state';
import { JobRefused, JobsBusy, UnknownJob, type Job, type JobDetail } from './types';

/** Ended jobs beyond so many are forgotten, the oldest first. */
const KEPT = 100;

/** A job that was just started by another process may not have its lock yet. */
const STARTING_MS = 60_000;

/** Between two looks at a job that is followed. */
const LOOK_MS = 250;

const ID = /^\d{8}-\d{6}-[0-9a-f]{8}$/;

export class Jobs {
  /** Processes that this one has started. */
  private readonly children = new Map<string, ChildProcess>();
  /** One start after another, so that the limits hold. */
  private starting: Promise<unknown> = Promise.resolve();
  /** What was seen just now of jobs that are followed. */
  private readonly looks = new Map<string, Promise<JobDetail>>();

  /** @param folder - where the jobs' folders are. */
  constructor(private readonly folder: string) {}

  /**
   * Starts a job. The parameters are checked here, wherever they come from.
   *
   * @throws JobRefused if they make no sense, JobsBusy if as many of its kind run as may.
   */
  start<K extends JobKind>(kind: K, parameters: JobParameters<K>): Promise<Job> {
    const start = this.starting.then(() => this.startNow(kind, parameters));
    this.starting = start.catch(() => undefined);
    return start;
  }

  /** Every job that is remembered, the newest first. */
  async list(): Promise<Job[]> {
    const ids = (await readdir(this.folder).catch(() => [])).filter((name) => ID.test(name));
    const jobs = await Promise.all(ids.map((id) => this.read(id)));
    return jobs
      .filter((job) => job !== null)
      .sort((a, b) => (a.startedAt === b.startedAt ? 0 : a.startedAt < b.startedAt ? 1 : -1));
  }

  /** One job with what it said and reported. Throws UnknownJob. */
  async get(id: string): Promise<JobDetail> {
    const job = ID.test(id) ? await this.read(id) : null;
    if (job === null) throw new UnknownJob(`there is no job ${id}`);
    const folder = this.folderOf(id);
    const result = hasEnded(job) ? await folder.result() : null;
    return { ...job, notes: await folder.notes(), result };
  }

  /** Asks a job to save what it has and end. Does nothing to one that has ended. Throws UnknownJob. */
  async stop(id: string): Promise<Job> {
    const { state, startedAt } = await this.get(id);
    if (state === 'running') {
      const folder = this.folderOf(id);
      await folder.write('stop', new Date().toISOString());
      const pid = this.children.get(id)?.pid ?? (await folder.pid());
      if (pid !== null && (await this.lives(id, startedAt))) interrupt(pid);
    }
    return this.get(id);
  }

  /** Forgets a job that has ended; one that has not stays. Throws UnknownJob. */
  async forget(id: string): Promise<boolean> {
    if (!hasEnded(await this.get(id))) return false;
    await rm(this.folderOf(id).path, { recursive: true, force: true });
    return true;
  }

  /** A job each time that it has changed, at once the first time, and as it ended the last. */
  async *follow(id: string, signal?: AbortSignal): AsyncGenerator<JobDetail, void, undefined> {
    for (let before = ''; ;) {
      const job = await this.look(id);
      const now = JSON.stringify(job);
      if (now !== before) yield job;
      before = now;
      if (hasEnded(job) || signal?.aborted) return;
      await setTimeout(LOOK_MS, undefined, { signal }).catch(() => undefined);
      if (signal?.aborted) return;
    }
  }

  /** get(), once for all who follow the job. */
  private look(id: string): Promise<JobDetail> {
    const known = this.looks.get(id);
    if (known !== undefined) return known;
    const look = this.get(id);
    this.looks.set(id, look);
    globalThis.setTimeout(() => this.looks.delete(id), LOOK_MS / 2).unref();
    return look;
  }

  private async startNow<K extends JobKind>(kind: K, given: JobParameters<K>): Promise<Job> {
    const { parameters: schema, args: argsOf, atOnce } = kinds[kind];
    const parsed = schema.safeParse(given);
    if (!parsed.success) {
      const { path: where, message } = parsed.error.issues[0]!;
      throw new JobRefused(`${where.join('.') || kind}: ${message}`);
    }
    const running = (await this.list()).filter((job) => job.kind === kind && !hasEnded(job));
    if (running.length >= atOnce) {
      throw new JobsBusy(`${running.length} ${kind} at work already; wait for it, or stop it`);
    }
    const parameters = parsed.data as Record<string, unknown>;
    const args = (argsOf as (parameters: unknown) => (string | false | undefined)[])(parameters);
    const id = newId();
    const folder = this.folderOf(id);
    await mkdir(folder.path, { recursive: true });
    await folder.write('job.json', { kind, parameters, startedAt: new Date().toISOString() });
    this.children.set(
      id,
      await startCommand(
        folder,
        args.filter((arg) => typeof arg === 'string'),
      ),
    );
    await this.forgetOld();
    return (await this.read(id))!;
  }

  /** What the files say, null where there is no such job. */
  private async read(id: string): Promise<Job | null> {
    const folder = this.folderOf(id);
    const started = await folder.started();
    if (started === null) return null;
    const [progress, asked] = await Promise.all([folder.progress(), folder.wasAskedToStop()]);
    const ended = await this.endOf(id, folder, started);
    const state = stateOf(ended, asked);
    const error = state === 'failed' ? await reasonOf(folder, ended!) : null;
    return { id, ...started, state, endedAt: ended?.at ?? null, progress, error };
  }

  /** How a job ended; of one whose process has gone without a word, that it did. Null while it lives. */
  private async endOf(id: string, folder: JobFolder, { startedAt }: Started) {
    const ended = await folder.ended();
    if (ended !== null || (await this.lives(id, startedAt))) return ended;
    // It may have ended between the two looks.
    const late = (await folder.ended()) ?? { code: null, at: new Date().toISOString() };
    await folder.write('ended.json', late);
    return late;
  }

  private async lives(id: string, startedAt: string): Promise<boolean> {
    const child = this.children.get(id);
    if (child !== undefined) {
      return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
    }
    const folder = this.folderOf(id);
    if ((await folder.pid()) === null) return Date.now() - Date.parse(startedAt) < STARTING_MS;
    const unlock = tryLock(folder.file('lock'));
    unlock?.();
    return unlock === undefined;
  }

  private async forgetOld(): Promise<void> {
    const ended = (await this.list()).filter(hasEnded);
    for (const { id } of ended.slice(KEPT)) await this.forget(id);
  }

  private folderOf(id: string): JobFolder {
    return new JobFolder(path.join(this.folder, id));
  }
}

/** Sortable by time, and not to be guessed. */
function newId(): string {
  const [day, time] = new Date()
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z/g, '')
    .split('T');
  return `${day}-${time}-${randomBytes(4).toString('hex')}`;
}
