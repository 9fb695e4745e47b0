// A worker thread that is asked with numbered requests and answers each. What is asked is its maker's.

import { Worker } from 'node:worker_threads';
import { config } from '#config';

/** An answer carries the number of its request, so that answers may come in any order. */
export interface Numbered {
  number: number;
}

interface Waiting<Result> {
  resolve: (result: Result) => void;
  reject: (error: Error) => void;
}

export interface ThreadOptions<Answer, Result> {
  /** `services/room/name-thread.ts` */
  program: string;
  workerData: unknown;
  /** In errors: "a thread that …". */
  work: string;
  /** What an answer says; throws what it says went wrong. */
  read: (answer: Answer) => Result;
}

/** The program ends when it is sent null and has answered what came before. */
export class Thread<Request, Answer extends Numbered, Result> {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting<Result>>();
  private asked = 0;
  private ended: Error | undefined;
  private readonly exited: Promise<void>;

  constructor(private readonly options: ThreadOptions<Answer, Result>) {
    const { program, workerData, work } = options;
    // Not with the options of this process, which may load tsx once more.
    this.worker = new Worker(config().launcher, { argv: [program], execArgv: [], workerData });
    this.worker.on('message', (answer: Answer) => this.receive(answer));
    this.worker.on('error', (cause: Error) =>
      this.fail(new Error(`a thread that ${work} failed: ${cause.message}`, { cause })),
    );
    this.exited = new Promise((resolve) => {
      this.worker.once('exit', (code) => {
        this.fail(this.ended ?? new Error(`a thread that ${work} ended with exit code ${code}`));
        resolve();
      });
    });
  }

  /** Requests that have not been answered yet. */
  get load(): number {
    return this.waiting.size;
  }

  /** Whether it answers no more: it was closed, or has failed. */
  get hasEnded(): boolean {
    return this.ended !== undefined;
  }

  ask(request: Request): Promise<Result> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    const number = this.asked++;
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      this.worker.postMessage({ ...request, number });
    });
  }

  /**
   * Lets it finish what it was asked: pictures that are being decoded cannot be left alone safely.
   * @param excuse the error of whoever asks afterwards
   */
  async close(excuse: string): Promise<void> {
    this.ended ??= new Error(excuse);
    this.worker.postMessage(null);
    await this.exited;
  }

  private receive(answer: Answer): void {
    const waiting = this.waiting.get(answer.number);
    this.waiting.delete(answer.number);
    try {
      waiting?.resolve(this.options.read(answer));
    } catch (error) {
      waiting?.reject(error as Error);
    }
  }

  private fail(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
