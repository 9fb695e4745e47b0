// Batches: which pairs a step sees, made ahead of it on other threads. Step n is the same in any run.

import { Random } from '#random';
import { Tensor } from '#runtime';
import type { Batch, Tensors } from './batch';
import type { SamplePool } from './sample-pool';
import type { SampleData, Samples } from './samples';
import { textTensors, type TextInput } from './text-inputs';
import { fitLength } from './tokens';

/** Batches that are made ahead take this much memory; but one is, whatever its size. */
const AHEAD_BYTES = 2 ** 28;
const AHEAD = 4;

/** Embeddings of a tower that is not trained, in the place of what it would be fed. */
export interface Embeddings {
  dimension: number;
  /** Of a picture, by its path. Pictures are not decoded then. */
  image?: ((path: string) => Float32Array) | undefined;
  /** Of a caption as a row says it. */
  text?: ((said: string) => Float32Array) | undefined;
}

interface BatchShape {
  /** Pairs. */
  size: number;
  views: number;
  lengths: readonly number[];
  /** Tokens of a caption at most. */
  context: number;
  padId: number;
  textInputs: readonly TextInput[];
  imageInput: string;
  embeddings: Embeddings | undefined;
  /** The order of an epoch's pairs. */
  orderOf(random: Random): Uint32Array;
}

export class Batches {
  readonly stepsPerEpoch: number;
  /** Pictures that could not be decoded, with the reason; others took their places. */
  readonly skipped = new Map<string, string>();
  /**
   * Seconds that batches took of their steps: asking for those that follow, waiting, putting rows
   * together. Not the first, which nothing runs ahead of.
   */
  waited = 0;
  private readonly ahead: number;
  private readonly coming = new Map<number, Promise<Batch>>();
  private started = false;
  private order: { epoch: number; indices: Uint32Array } | undefined;

  /** For openBatches. */
  constructor(
    private readonly data: SampleData,
    private readonly pool: SamplePool,
    private readonly shape: BatchShape,
  ) {
    this.stepsPerEpoch = Math.floor(data.images.length / shape.size);
    const { width, height } = data.view;
    const bytes = 4 * 3 * width * height * shape.size * data.views;
    this.ahead = Math.max(1, Math.min(AHEAD, Math.floor(AHEAD_BYTES / bytes)));
  }

  /** What `Batch.length` can be, ascending; rarely more, up to the model's context. */
  get lengths(): readonly number[] {
    return this.shape.lengths;
  }

  /** The captions that are true of a picture; both as `Batch.pictures` and `Batch.captions` count. */
  captionsOf(picture: number): readonly number[] {
    return this.data.captionsOf[picture]!;
  }

  /** The batch of a step, counted from 0 over all epochs. Those that follow are made meanwhile. */
  async at(step: number): Promise<Batch> {
    const asked = performance.now();
    for (const old of this.coming.keys()) if (old < step) this.coming.delete(old);
    const batch = this.begin(step);
    for (let next = step + 1; next <= step + this.ahead; next++) void this.begin(next);
    const made = await batch;
    if (this.started) this.waited += (performance.now() - asked) / 1000;
    this.started = true;
    return made;
  }

  /** Ends the threads. Batches that are not there yet fail. */
  release(): Promise<void> {
    return this.pool.release();
  }

  private begin(step: number): Promise<Batch> {
    let batch = this.coming.get(step);
    if (batch === undefined) {
      batch = this.make(step);
      batch.catch(() => {}); // Thrown when its turn comes.
      this.coming.set(step, batch);
    }
    return batch;
  }

  private async make(step: number): Promise<Batch> {
    const { size } = this.shape;
    const epoch = Math.floor(step / this.stepsPerEpoch);
    const first = (step % this.stepsPerEpoch) * size;
    const pictures = [...this.shuffled(epoch).subarray(first, first + size)];
    const samples = await this.pool.make(epoch, pictures);
    for (const [image, reason] of samples.skipped) this.skipped.set(image, reason);
    return this.batchOf(samples);
  }

  private shuffled(epoch: number): Uint32Array {
    if (this.order?.epoch !== epoch) {
      this.order = { epoch, indices: this.shape.orderOf(Random.of(this.data.seed, epoch)) };
    }
    return this.order.indices;
  }

  private batchOf(samples: Samples): Batch {
    const { lengths, context, views } = this.shape;
    const longest = samples.ids.reduce((most, ids) => Math.max(most, ids.length), 0);
    const length = fitLength(lengths, longest, context);
    const rows = [...samples.pictures].flatMap((picture) => Array<number>(views).fill(picture));
    const pictures = Int32Array.from(rows);
    return {
      image: this.imageInputs(samples, pictures),
      text: this.textInputs(samples, length),
      positives: this.positives(pictures, samples.captions),
      pictures,
      captions: samples.captions,
      length,
      extra: {},
    };
  }

  private imageInputs({ pixels }: Samples, pictures: Int32Array): Tensors {
    const { embeddings, imageInput } = this.shape;
    if (embeddings?.image) {
      const rows = [...pictures].map((picture) => embeddings.image!(this.data.images[picture]!));
      return { [imageInput]: stacked(rows, embeddings.dimension) };
    }
    const { width, height } = this.data.view;
    const dims = [pictures.length, 3, height, width];
    return { [imageInput]: new Tensor('float32', pixels, dims) };
  }

  private textInputs({ said, ids }: Samples, length: number): Tensors {
    const { embeddings, padId, textInputs } = this.shape;
    if (embeddings?.text) {
      return { text_embeddings: stacked(said.map(embeddings.text), embeddings.dimension) };
    }
    return textTensors(ids, length, padId, textInputs);
  }

  /** [pictures, captions], 1 where the caption is one of the picture's. */
  private positives(pictures: Int32Array, captions: Int32Array): Tensor {
    const columns = new Map<number, number[]>();
    captions.forEach((caption, column) => {
      columns.set(caption, [...(columns.get(caption) ?? []), column]);
    });
    const data = new Float32Array(pictures.length * captions.length);
    pictures.forEach((picture, row) => {
      for (const caption of this.captionsOf(picture)) {
        for (const column of columns.get(caption) ?? []) data[row * captions.length + column] = 1;
      }
    });
    return new Tensor('float32', data, [pictures.length, captions.length]);
  }
}

function stacked(rows: readonly Float32Array[], dimension: number): Tensor {
  const data = new Float32Array(rows.length * dimension);
  rows.forEach((row, index) => data.set(row, index * dimension));
  return new Tensor('float32', data, [rows.length, dimension]);
}
