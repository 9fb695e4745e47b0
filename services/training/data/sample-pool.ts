// The threads that make rows of batches: each picture belongs to one of them, which keeps it decoded.

import { loadTokenizer, type ModelFolder } from '#model';
import { Thread } from '#thread';
import { SampleMaker, type SampleData, type Samples } from './samples';
import type { FromThread, Question, ThreadData } from './sample-thread';

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
  private readonly threads: SampleThread[];

  constructor({ data, tokenizer }: ThreadData, count: number) {
    const each = { data: { ...data, cacheBytes: data.cacheBytes / count }, tokenizer };
    this.threads = Array.from({ length: count }, () => openThread(each));
  }

  async make(epoch: number, pictures: readonly number[]): Promise<Samples> {
    const parts = this.threads.map((thread, own) => {
      const rows = [...pictures.keys()].filter(
        (row) => pictures[row]! % this.threads.length === own,
      );
      const asked = rows.map((row) => pictures[row]!);
      return thread.ask({ epoch, pictures: asked }).then((samples) => ({ rows, samples }));
    });
    return joined(await Promise.all(parts), pictures.length);
  }

  async release(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close('the batches are released')));
  }
}

type SampleThread = Thread<Question, FromThread, Samples>;

function openThread(workerData: ThreadData): SampleThread {
  return new Thread({
    program: 'services/training/data/sample-thread.ts',
    workerData,
    work: 'makes batches',
    read: (answer) => {
      if ('samples' in answer) return answer.samples;
      throw Object.assign(answer.error, { cause: answer.cause });
    },
  });
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
