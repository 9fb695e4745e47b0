// Graphs that are built in a process of their own: building takes minutes of one processor, and
// searches go on meanwhile as if there were none. One at a time, in the order in which they are wanted.

import type { ChildProcess } from 'node:child_process';
import type { CatalogModel, Modality } from '#catalog';
import { lowerPriority, startProcess } from '#process';

export interface BuildTask {
  /** The catalog's file. */
  database: string;
  model: CatalogModel;
  modality: Modality;
  /** Where the graph is kept. */
  file: string;
}

export interface BuildProgress {
  done: number;
  total: number;
}

export type FromBuild =
  { kind: 'built' } | { kind: 'failed'; message: string } | ({ kind: 'progress' } & BuildProgress);

export class Build {
  progress: BuildProgress | undefined;
  /** Whether it has ended, and with which error if not well. */
  ended = false;
  error: Error | undefined;
  readonly end: Promise<void>;
  private child: ChildProcess | undefined;
  private cancelled = false;

  constructor(
    private readonly task: BuildTask,
    turn: Promise<void>,
  ) {
    this.end = turn
      .then(() => this.run())
      .catch((error: Error) => void (this.error = error))
      .finally(() => (this.ended = true));
  }

  /** Ends it before it is done; the file stays as it was. */
  async cancel(): Promise<void> {
    this.cancelled = true;
    this.child?.kill('SIGKILL');
    await this.end;
  }

  private run(): Promise<void> {
    if (this.cancelled) return Promise.reject(new Error('the build was cancelled'));
    const task = JSON.stringify(this.task);
    const child = startProcess('services/engine/build/build-process.ts', [task]);
    this.child = child;
    child.once('spawn', () => lowerPriority(child.pid!));
    const what = `the ${this.task.modality} index`;
    return new Promise((resolve, reject) => {
      let outcome: Error | 'built' | undefined;
      child.on('message', (message: FromBuild) => {
        if (message.kind === 'progress') {
          const { done, total } = message;
          this.progress = { done, total };
        } else if (message.kind === 'built') outcome = 'built';
        else outcome = new Error(`${what} was not built: ${message.message}`);
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        if (outcome === 'built') return resolve();
        const how = `${what} was not built: its process ended with ${signal ?? code}`;
        reject(outcome ?? new Error(how));
      });
    });
  }
}

export class Builds {
  private last: Promise<void> = Promise.resolve();

  start(task: BuildTask): Build {
    const build = new Build(task, this.last);
    this.last = build.end;
    return build;
  }
}
