// The engine in a process of its own, seen from the server: calls become messages, and a process
// that dies is started again. Loads neither the model's runtime nor the indexes into this process.

import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { PIPE, startProcess } from '#process';
import type { Neighbour } from '#vectors';
import { FramedPipe } from './frames';
import { Outbox } from './outbox';
import { encodeOptions, type Call, type FromChild, type Method, type Reply } from './protocol';
import {
  EngineUnavailable,
  type Engine,
  type EngineBackground,
  type EngineOptions,
  type EngineSearch,
  type EngineStatus,
} from './types';
import { Turns } from './turns';
import { UnderWay } from './under-way';

const firstDelayMs = 250;
const longestDelayMs = 30_000;
/** A process that answered for this long was healthy: the next start need not wait long. */
const healthyMs = 60_000;
/** For saving the indexes; after that the process is killed, which loses time but no data. */
const closingMs = 10_000;

type Result<M extends Method> = Awaited<ReturnType<Engine[M]>>;

interface Pending {
  resolve: (value: never) => void;
  reject: (error: Error) => void;
}

/** Starts an engine in a child process. Answers EngineUnavailable until status() says `ready`. */
export function startEngine(options: EngineOptions = {}): Engine {
  return new RemoteEngine(options);
}

class RemoteEngine implements Engine {
  private child: ChildProcess | undefined;
  private pipe: FramedPipe<Call, FromChild> | undefined;
  private state: EngineStatus['state'] | 'closed' = 'starting';
  private error: string | undefined;
  /** What the process said last of itself. */
  private told: EngineStatus | undefined;
  private readonly pending = new UnderWay<Pending>();
  private readonly outbox = new Outbox<Call>((calls) => this.send(calls));
  private readonly turns = new Turns();
  private failures = 0;
  private readySince = 0;
  private restart: NodeJS.Timeout | undefined;

  constructor(private readonly options: EngineOptions) {
    this.launch();
  }

  status(): Promise<EngineStatus> {
    if (this.state === 'ready' && this.told) return Promise.resolve(this.told);
    return Promise.resolve({
      state: this.state === 'failed' ? 'failed' : 'starting',
      indexed: { image: 0, text: 0 },
      method: { image: 'exact', text: 'exact' },
      ...(this.error === undefined ? {} : { error: this.error }),
    });
  }

  encodeTexts(texts: string[], model?: string): Promise<Float32Array[]> {
    return this.call('encodeTexts', texts, model);
  }

  countPieces(texts: string[], model?: string): Promise<number[]> {
    return this.call('countPieces', texts, model);
  }

  encodeImages(images: (string | Uint8Array)[], model?: string): Promise<Float32Array[]> {
    return this.call('encodeImages', images, model);
  }

  search(request: EngineSearch): Promise<Neighbour[]> {
    return this.call('search', request);
  }

  background(request: EngineBackground): Promise<Float32Array> {
    return this.call('background', request);
  }

  refresh(): Promise<void> {
    return this.call('refresh');
  }

  async close(): Promise<void> {
    const starting = this.state !== 'ready';
    this.state = 'closed';
    clearTimeout(this.restart);
    this.rejectAll('the engine is closed');
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    if (child.connected) child.disconnect();
    // A process that is still starting has nothing to save.
    const impatience = setTimeout(() => child.kill('SIGKILL'), starting ? 0 : closingMs);
    await exited;
    clearTimeout(impatience);
  }

  private async call<M extends Method>(
    method: M,
    ...args: Parameters<Engine[M]>
  ): Promise<Result<M>> {
    if (this.state !== 'ready') throw new EngineUnavailable(this.excuse());
    return new Promise<Result<M>>((resolve, reject) => {
      const number = this.pending.put({ resolve, reject });
      this.outbox.put({ number, method, args });
    });
  }

  private send(calls: Call[]): void {
    this.pipe?.send(calls).catch((cause: Error) => {
      const error = new EngineUnavailable(stopped, { cause });
      for (const { number } of calls) this.pending.take(number)?.reject(error);
    });
  }

  private excuse(): string {
    if (this.state === 'closed') return 'the engine is closed';
    if (this.state === 'failed') return `the engine cannot start: ${this.error}`;
    return 'the engine is warming up; try again in a moment';
  }

  private launch(): void {
    // Huge pages where the C library has them: searches of a large index are 1.15 × as fast.
    const env = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' };
    const child = startProcess('services/engine/child.ts', [encodeOptions(this.options)], {
      env,
      pipe: true,
    });
    this.child = child;
    this.pipe = new FramedPipe(child.stdio[PIPE] as Socket, (messages) =>
      this.turns.put(messages.map((message) => () => this.receive(message))),
    );
    // What it said before it ended counts.
    const ends = (how: string) => this.turns.put([() => this.lost(child, how)]);
    child.once('error', (error) => ends(error.message));
    // Not 'exit': its last words may still be in the pipe.
    child.once('close', (code, signal) =>
      ends(signal ? `ended by ${signal}` : `ended with exit code ${code}`),
    );
  }

  private receive(message: FromChild): void {
    if (this.state === 'closed') return;
    if (message.kind === 'status') {
      this.told = message.status;
      if (this.state === 'ready') return;
      this.state = 'ready';
      this.error = undefined;
      this.readySince = Date.now();
    } else if (message.kind === 'failed') {
      this.state = 'failed';
      this.error = message.message;
    } else {
      this.deliver(message);
    }
  }

  private deliver(reply: Reply): void {
    const pending = this.pending.take(reply.number);
    if (reply.kind === 'value') pending?.resolve(reply.value as never);
    else pending?.reject(Object.assign(new Error(reply.message), { name: reply.name }));
  }

  private lost(child: ChildProcess, how: string): void {
    if (this.state === 'closed' || child !== this.child) return;
    this.child = undefined;
    this.pipe = undefined;
    if (this.state === 'ready') {
      if (Date.now() - this.readySince > healthyMs) this.failures = 0;
      this.state = 'starting';
      this.error = `the engine's process ${how}`;
    } else {
      this.error = this.state === 'failed' ? this.error : `its process ${how} before it was ready`;
      this.state = 'failed';
    }
    this.rejectAll(stopped);
    const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** this.failures++);
    this.restart = setTimeout(() => this.launch(), delay);
  }

  private rejectAll(message: string): void {
    for (const { reject } of this.pending.takeAll()) reject(new EngineUnavailable(message));
  }
}

const stopped = 'the engine stopped while it worked on this; it is being started again';
