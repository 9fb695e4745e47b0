// The job's own side: it shows that it lives, how far it is, and in the end how it ended.

import { setTimeout } from 'node:timers/promises';
import { tryLock } from '#catalog';
import { JobFolder } from './folder';
import type { JobProgress } from './types';

/** Somebody who looks whether the job lives holds its lock for a moment. */
const TRIES = 100;
const PAUSE_MS = 50;

/** Between two writes of progress; whoever follows looks no more often. */
const EVERY_MS = 250;

export class JobReport {
  private told = -Infinity;

  private constructor(
    private readonly folder: JobFolder,
    private readonly unlock: () => void,
  ) {}

  /** Takes the lock of a job's folder for this process. Throws if the job runs already. */
  static async open(path: string): Promise<JobReport> {
    const folder = new JobFolder(path);
    for (let tries = 0; tries < TRIES; tries++) {
      const unlock = tryLock(folder.file('lock'));
      if (unlock !== undefined) {
        await folder.write('pid', process.pid);
        return new JobReport(folder, unlock);
      }
      await setTimeout(PAUSE_MS);
    }
    throw new Error(`${path}: this job runs already`);
  }

  progress(progress: JobProgress): void {
    if (performance.now() - this.told < EVERY_MS) return;
    this.told = performance.now();
    this.folder.writeNow('progress.json', progress);
  }

  end(code: number): void {
    this.folder.writeNow('ended.json', { code, at: new Date().toISOString() });
    this.unlock();
  }
}
