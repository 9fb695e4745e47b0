// The threads that make rows of batches: each picture belongs to one of them, which keeps it decoded.

import { Worker } from 'node:worker_threads';
import { loadTokenizer, type ModelFolder } from '#model';
import { SampleMaker, type SampleData, type Samples } from './samples';
import type { FromThread, ThreadData, ToThread } from './sample-thread';

export interface SamplePool {
  /** The rows of these pictures, in their order. */
  make(epoch: number, pictures: readonly number[]): Promise<Samples>;
  /** Ends the threads when they have made what they were asked for. */
  release(): Promise<void>;
}

/** Rows that one thread makes. */
interface Part {
  /** Where they belong. */
  rows: number[];
  samples: Samples;
}

/** `threads` 0 makes the rows on this thread. `tokenizer` is for words that vary. */
export async function openSamplePool(
  data: SampleData,
  tokenizer: ModelFolder | undefined,
  threads: number,
): Promise<SamplePool> {
  if (threads > 0) return new ThreadPool({ data, tokenizer }, threads);
  const maker = new SampleMaker(data, tokenizer && (await loadTokenizer(tokenizer)));
  return {
    make: (epoch, pictures) => maker.make(epoch, pictures),
    release: () => Promise.resolve(),
  };
}

class ThreadPool implements SamplePool {
  private readonly threads: Thread[];

  constructor({ data, tokenizer }: ThreadData, count: number) {
    const each = { data: { ...data, cacheBytes: data.cacheBytes / count }, tokenizer };
    this.threads = Array.from({ length: count }, () => new Thread(each));
  }

  async make(epoch: number, pictures: readonly number[]): Promise<Samples> {
    const parts = this.threads.map((thread, own) => {
      const rows = [...pictures.keys()].filter(
        (row) => pictures[row]! % this.threads.length === own,
      );
      const asked = rows.map((row) => pictures[row]!);
      return thread.make(epoch, asked).then((samples) => ({ rows, samples }));
    });
    return joined(await Promise.all(parts), pictures.length);
  }

  async release(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.release()));
  }
}

interface Waiting {
  resolve: (samples: Samples) => void;
  reject: (error: Error) => void;
}

class Thread {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;
  private ended: Error | undefined;
  private readonly exited: Promise<void>;

  constructor(workerData: ThreadData) {
    this.worker = new Worker(new URL('./sample-thread.mjs', import.meta.url), { workerData });
    this.worker.on('message', (message: FromThread) => this.receive(message));
    this.worker.on('error', (cause) =>
      this.fail(new Error(`a thread that makes batches failed: ${cause.message}`, { cause })),
    );
    this.exited = new Promise((resolve) => {
      this.worker.once('exit', (code) => {
        this.fail(
          this.ended ?? new Error(`a thread that makes batches ended with exit code ${code}`),
        );
        resolve();
      });
    });
  }

  make(epoch: number, pictures: readonly number[]): Promise<Samples> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    const number = this.asked++;
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      this.worker.postMessage({ number, epoch, pictures } satisfies ToThread);
    });
  }

  /** Lets it finish: pictures that are being decoded cannot be left alone safely. */
  async release(): Promise<void> {
    this.ended ??= new Error('the batches are released');
    this.worker.postMessage(null satisfies ToThread);
    await this.exited;
  }

  private receive(message: FromThread): void {
    const waiting = this.waiting.get(message.number);
    this.waiting.delete(message.number);
    if ('samples' in message) waiting?.resolve(message.samples);
    else waiting?.reject(Object.assign(message.error, { cause: message.cause }));
  }

  private fail(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}

/** Puts the parts in order. The pixels of a part that is the whole are not copied. */
function joined(parts: Part[], count: number): Samples {
  if (parts.length === 1) return parts[0]!.samples;
  const per = (of: (samples: Samples) => { length: number }) =>
    parts.reduce((sum, { samples }) => sum + of(samples).length, 0) / count;
  const [pixels, captions] = [per((one) => one.pixels), per((one) => one.captions)];
  const whole: Samples = {
    pictures: new Int32Array(count),
    captions: new Int32Array(count * captions),
    said: [],
    ids: [],
    pixels: new Float32Array(count * pixels),
    skipped: parts.flatMap(({ samples }) => samples.skipped),
  };
  for (const { rows, samples } of parts) {
    rows.forEach((row, at) => {
      whole.pictures[row] = samples.pictures[at]!;
      whole.pixels.set(samples.pixels.subarray(at * pixels, (at + 1) * pixels), row * pixels);
      for (let caption = 0; caption < captions; caption++) {
        const [to, from] = [row * captions + caption, at * captions + caption];
        whole.captions[to] = samples.captions[from]!;
        whole.said[to] = samples.said[from]!;
        whole.ids[to] = samples.ids[from]!;
      }
    });
  }
  return whole;
}
