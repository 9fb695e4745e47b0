// The threads that hash and decode pictures, so that both go on while this one is held by a model's run.

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Preprocessing } from '#preprocess';
import type { Answer, Identified, Request, ToThread } from './picture-thread';
import type { ReadPicture } from './read-picture';

export type { Identified } from './picture-thread';
export type { ReadPicture } from './read-picture';

/** A picture that cannot be used; the message is one line for the user. */
export class Unusable extends Error {
  override readonly name = 'Unusable';
}

/**
 * Decoding is libvips', on threads of its own; what is left for one of ours, hashing and sorting bytes
 * into tensors, is less than half of the work.
 */
const THREADS = Math.ceil(availableParallelism() / 2);

export class PictureThreads {
  private readonly threads: PictureThread[] = [];

  /** Threads start when there is work for them. */
  constructor(private readonly settings: Preprocessing) {}

  /** The hash of a file, and what the text file says that is named. Throws Unusable. */
  identify(path: string, textFile?: string): Promise<Identified> {
    return this.next().ask({ path, read: false, textFile }) as Promise<Identified>;
  }

  /** Decodes a picture. Throws Unusable. */
  read(path: string): Promise<ReadPicture> {
    return this.next().ask({ path, read: true }) as Promise<ReadPicture>;
  }

  /** Ends the threads when they have done what they were asked for. */
  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()));
  }

  /** The one with the least to do; a new one before any waits long. */
  private next(): PictureThread {
    const idlest = this.threads.toSorted((a, b) => a.load - b.load)[0];
    if (idlest && (idlest.load < 8 || this.threads.length >= THREADS)) return idlest;
    const thread = new PictureThread(this.settings);
    this.threads.push(thread);
    return thread;
  }
}

type WithoutNumber<T> = T extends unknown ? Omit<T, 'number'> : never;

interface Waiting {
  resolve: (result: Identified | ReadPicture) => void;
  reject: (error: Error) => void;
}

class PictureThread {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;
  private ended: Error | undefined;
  private readonly exited: Promise<void>;

  constructor(workerData: Preprocessing) {
    this.worker = new Worker(new URL('./picture-thread.mjs', import.meta.url), { workerData });
    this.worker.on('message', (answer: Answer) => this.receive(answer));
    this.worker.on('error', (cause: Error) =>
      this.fail(new Error(`a thread that reads pictures failed: ${cause.message}`, { cause })),
    );
    this.exited = new Promise((resolve) => {
      this.worker.once('exit', (code) => {
        this.fail(new Error(`a thread that reads pictures ended with exit code ${code}`));
        resolve();
      });
    });
  }

  get load(): number {
    return this.waiting.size;
  }

  ask(request: WithoutNumber<Request>): Promise<Identified | ReadPicture> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    const number = this.asked++;
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      this.worker.postMessage({ ...request, number } satisfies ToThread);
    });
  }

  /** Lets it finish: pictures that are being decoded cannot be left alone safely. */
  async close(): Promise<void> {
    this.worker.postMessage(null satisfies ToThread);
    await this.exited;
  }

  private receive(answer: Answer): void {
    const waiting = this.waiting.get(answer.number);
    this.waiting.delete(answer.number);
    if ('result' in answer) waiting?.resolve(answer.result);
    else waiting?.reject(new Unusable(answer.reason));
  }

  private fail(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
