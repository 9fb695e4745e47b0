// The files of one job, in a folder of its own below the data folder: what it was started with, what it
// says, and how it ended. They are all that is known of it, so that any process can read it, also one
// that was started after the job has ended.
//
//   job.json       kind, parameters, start      the starter, once
//   lock           held while the job lives     the job
//   pid            its process                  the job, once
//   progress.json  how far it is                the job, written beside and renamed
//   log.txt        its standard error           the job
//   output.txt     its standard output          the job
//   stop           it was asked to stop         whoever asked
//   ended.json     exit code, time              the job, or who finds that its process has gone

import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { jobKinds } from './kinds';
import type { JobProgress } from './types';

const started = z.object({
  kind: z.enum(jobKinds),
  parameters: z.record(z.string(), z.unknown()),
  startedAt: z.iso.datetime(),
});
const ended = z.object({ code: z.number().int().nullable(), at: z.iso.datetime() });
const progress = z.object({
  text: z.string(),
  done: z.number().optional(),
  total: z.number().optional(),
  detail: z.record(z.string(), z.unknown()).optional(),
});

export type Started = z.infer<typeof started>;
export type Ended = z.infer<typeof ended>;

/** How much of the end of a log is read. */
const TAIL_BYTES = 16_384;

export class JobFolder {
  constructor(readonly path: string) {}

  file(name: string): string {
    return path.join(this.path, name);
  }

  /** Null where it is none, or damaged. */
  started(): Promise<Started | null> {
    return this.read('job.json', started);
  }

  ended(): Promise<Ended | null> {
    return this.read('ended.json', ended);
  }

  progress(): Promise<JobProgress | null> {
    return this.read('progress.json', progress);
  }

  pid(): Promise<number | null> {
    return this.read('pid', z.number().int().positive());
  }

  async wasAskedToStop(): Promise<boolean> {
    return (await this.content('stop')) !== null;
  }

  /** Writes a JSON file, complete or not at all. */
  async write(name: string, value: unknown): Promise<void> {
    await writeFile(this.file(`${name}.writing`), JSON.stringify(value));
    await rename(this.file(`${name}.writing`), this.file(name));
  }

  /** The same without waiting for the event loop, which a command may hold for long. */
  writeNow(name: string, value: unknown): void {
    writeFileSync(this.file(`${name}.writing`), JSON.stringify(value));
    renameSync(this.file(`${name}.writing`), this.file(name));
  }

  /** The last lines that the job said. */
  async notes(): Promise<string[]> {
    const file = await open(this.file('log.txt')).catch(() => null);
    if (file === null) return [];
    try {
      const { size } = await file.stat();
      const from = Math.max(0, size - TAIL_BYTES);
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(size - from),
        0,
        size - from,
        from,
      );
      const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
      return (from > 0 ? lines.slice(1) : lines).filter((line) => line.trim() !== '');
    } finally {
      await file.close();
    }
  }

  /** What the command printed last with --json; null where it printed nothing. */
  async result(): Promise<unknown> {
    const last = (await this.content('output.txt'))?.trimEnd().split('\n').at(-1);
    try {
      return JSON.parse(last ?? '') as unknown;
    } catch {
      return null;
    }
  }

  private async read<T>(name: string, schema: z.ZodType<T>): Promise<T | null> {
    try {
      return schema.safeParse(JSON.parse((await this.content(name)) ?? '')).data ?? null;
    } catch {
      return null;
    }
  }

  private content(name: string): Promise<string | null> {
    return readFile(this.file(name), 'utf8').catch(() => null);
  }
}
