// A thread that makes rows of batches as they are asked for. Entry point only, for sample-pool.ts.

import { parentPort, workerData } from 'node:worker_threads';
import type { ModelFolder, Tokenizer } from '#model';
import { SampleMaker, type SampleData, type Samples } from './samples';

export interface ThreadData {
  data: SampleData;
  /** The model whose tokenizer is needed, if one is. */
  tokenizer: ModelFolder | undefined;
}

export interface Question {
  epoch: number;
  pictures: readonly number[];
}

/** A request; `null` ends the thread when it has answered all before. */
export type ToThread = (Question & { number: number }) | null;

export type FromThread =
  { number: number; samples: Samples } | { number: number; error: Error; cause: unknown };

const port = parentPort!;
const { data, tokenizer } = workerData as ThreadData;
const maker = new SampleMaker(data, tokenizer && (await load(tokenizer)));
// One after another: each decodes several pictures at once already.
let work = Promise.resolve();

port.on('message', (request: ToThread) => {
  work = work.then(() => (request === null ? port.close() : answer(request)));
});

/** A model's room takes a while to load: only where it is needed. */
async function load(folder: ModelFolder): Promise<Tokenizer> {
  const { loadTokenizer } = await import('#model');
  return loadTokenizer(folder);
}

async function answer({ number, epoch, pictures }: NonNullable<ToThread>): Promise<void> {
  try {
    const samples = await maker.make(epoch, pictures);
    const buffers = [samples.pixels.buffer, ...samples.ids.map(({ buffer }) => buffer)];
    tell({ number, samples }, buffers as ArrayBuffer[]);
  } catch (thrown) {
    const error = thrown as Error;
    tell({ number, error, cause: error.cause });
  }
}

function tell(message: FromThread, transferred: ArrayBuffer[] = []): void {
  port.postMessage(message, transferred);
}
