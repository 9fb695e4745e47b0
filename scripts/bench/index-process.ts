// The process of one contender, as the index bench talks to it: index-worker.ts is the other end.

import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Command, Opened, Round, Setup } from './index-worker';

const hugePages = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' };

export class ContenderProcess {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(contender: string) {
    const script = path.join(import.meta.dirname, 'index-worker.ts');
    this.child = spawn(process.execPath, ['--import', 'tsx', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // As the engine's process has it; the others run as they come.
      env: { ...(contender.startsWith('ours') && hugePages), ...process.env },
    });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  open(setup: Setup): Promise<Opened | { failure: string }> {
    return this.ask({ open: setup });
  }

  round(first: number, count: number): Promise<Round> {
    return this.ask({ round: { first, count } });
  }

  end(): void {
    this.child.kill();
  }

  private async ask<T>(command: Command): Promise<T> {
    this.child.stdin!.write(`${JSON.stringify(command)}\n`);
    const { done, value } = await this.lines.next();
    return (done ? { failure: 'the process ended' } : JSON.parse(value)) as T;
  }
}
