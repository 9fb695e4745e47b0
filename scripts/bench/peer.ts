// A process that trains on demand: a line `step` or another word in, a line of JSON out.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';

export interface Step {
  seconds: number;
  loss: number;
}

/** Bytes. */
export interface Memory {
  peak: number;
  resident: number;
}

export class Peer {
  private readonly lines: AsyncIterator<string>;

  private constructor(
    private readonly child: ChildProcess,
    reader: Interface,
  ) {
    this.lines = reader[Symbol.asyncIterator]();
  }

  /** Starts the process and waits until it is ready. Throws one line where it is not. */
  static async start(command: string, args: string[]): Promise<Peer> {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    failed.catch(() => {}); // Thrown by the first answer.
    const peer = new Peer(child, createInterface({ input: child.stdout! }));
    await Promise.race([peer.answer(), failed]);
    return peer;
  }

  step(): Promise<Step> {
    return this.ask('step') as Promise<Step>;
  }

  memory(): Promise<Memory> {
    return this.ask('memory') as Promise<Memory>;
  }

  /** GFLOP/s of the runtime's own Gemm at the shapes of the step. */
  async gemm(): Promise<number> {
    const { rate } = (await this.ask('gemm')) as { rate: number };
    return rate;
  }

  async stop(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.stdin!.end();
    await gone;
  }

  private ask(word: string): Promise<unknown> {
    this.child.stdin!.write(`${word}\n`);
    return this.answer();
  }

  private async answer(): Promise<unknown> {
    const { value, done } = await this.lines.next();
    if (done === true) throw new Error(`${this.child.spawnfile} ended early`);
    return JSON.parse(value as string);
  }
}
