// Batches: which pairs a step sees, made ahead of it on other threads. Step n is the same in any run.

import os from 'node:os';
import { fillTemplate, loadTokenizer, type ModelFolder, type Tokenizer } from '#model';
import { Random } from '#random';
import { Tensor } from '#runtime';
import { AUGMENTATIONS } from './augmentations';
import type { Batch, Tensors } from './batch';
import type { Pair } from './pairs';
import type { RunSettings } from '../run';
import { openSamplePool, type SamplePool } from './sample-pool';
import type { SampleData, Samples } from './samples';
import { decideFlip } from './sides';
import { similarOrder, type Likeness } from './similar';
import { textInputsOf, textTensors, type TextInput } from './text-inputs';
import { chooseLengths, fitLength, tokenCounts, tokenTable } from './tokens';
import type { Tower } from '../tower/tower';
import { viewOf } from './view';

/** Decoded pictures take this much memory at most, and this share of the machine's. */
const CACHE_BYTES = 2 ** 31;
const CACHE_SHARE = 0.1;

/** Batches that are made ahead take this much memory; but one is, whatever its size. */
const AHEAD_BYTES = 2 ** 28;
const AHEAD = 4;

/** Threads at most that make batches, and the cores for each. */
const THREADS = 8;
const CORES_PER_THREAD = 2;

/** Embeddings of a tower that is not trained, in the place of what it would be fed. */
export interface Embeddings {
  dimension: number;
  /** Of a picture, by its path. Pictures are not decoded then. */
  image?: ((path: string) => Float32Array) | undefined;
  /** Of a caption as a row says it. */
  text?: ((said: string) => Float32Array) | undefined;
}

/** Whom the batches are for. */
export interface BatchesOptions {
  /** Absent where the loss takes no captions. */
  text: Tower | undefined;
  /** Its rows are the views of each picture. */
  image: Tower;
  embeddings?: Embeddings | undefined;
  /** What pairs are put together by, for settings that ask for similar ones. */
  likeness?: Likeness | undefined;
  /** Threads that make the batches; 0: the one that asks. By default by the machine's cores. */
  threads?: number | undefined;
}

/** Tokenises the captions and starts the threads. Call `release` in the end. */
export async function openBatches(
  base: ModelFolder,
  settings: RunSettings,
  pairs: readonly Pair[],
  options: BatchesOptions,
): Promise<Batches> {
  const { text, image, embeddings, likeness } = options;
  const textInputs = text && !embeddings?.text ? textInputsOf(text) : [];
  const tokenizer = await loadTokenizer(base);
  const data = await sampleData(base, settings, pairs, tokenizer, options);
  const varies = data.words.dropout > 0 || data.words.templates.length > 0;
  const threads = embeddings?.image ? 0 : (options.threads ?? threadsOfMachine());
  return new Batches(data, await openSamplePool(data, varies ? base : undefined, threads), {
    size: settings.batchSize,
    views: image.rows,
    lengths: text?.length
      ? [text.length]
      : paddedLengths(tokenCounts(data.tokens), settings, tokenizer),
    context: text?.length ?? tokenizer.contextLength,
    padId: tokenizer.padId,
    textInputs,
    imageInput: Object.keys(image.inputs)[0]!,
    embeddings,
    orderOf: (random) =>
      likeness
        ? similarOrder(likeness, settings.similar!, random)
        : random.permutation(pairs.length),
  });
}

function threadsOfMachine(): number {
  return Math.min(THREADS, Math.max(1, Math.floor(os.availableParallelism() / CORES_PER_THREAD)));
}

async function sampleData(
  base: ModelFolder,
  settings: RunSettings,
  pairs: readonly Pair[],
  tokenizer: Tokenizer,
  { text, image, embeddings }: BatchesOptions,
): Promise<SampleData> {
  const numbers = new Map<string, number>();
  const captionsOf = pairs.map(({ captions }) =>
    captions.map((caption) => {
      if (!numbers.has(caption)) numbers.set(caption, numbers.size);
      return numbers.get(caption)!;
    }),
  );
  const captions = [...numbers.keys()];
  const augmentation = AUGMENTATIONS[settings.augmentation];
  const { flip } = decideFlip(captions, settings.flip);
  const mirrored = settings.flip === true ? 0.5 : augmentation.flip;
  return {
    images: pairs.map(({ image }) => image),
    captions,
    captionsOf,
    tokens: await tokenTable(text ? captions : [], tokenizer),
    view: viewOf(base.preprocessing),
    augmentation: { ...augmentation, flip: flip ? mirrored : 0 },
    views: embeddings?.image ? 0 : image.rows,
    captionsPerPicture: text ? settings.captionsPerPicture : 0,
    words: {
      templates: settings.templates ?? [],
      dropout: embeddings?.text ? 0 : (settings.wordDropout ?? 0),
    },
    seed: settings.seed,
    cacheBytes: Math.min(CACHE_BYTES, CACHE_SHARE * os.totalmem()),
  };
}

/**
 * The lengths that captions of these numbers of tokens are padded to, with room for the longest
 * template; for text towers that take any length.
 */
export function paddedLengths(
  counts: Int32Array,
  { batchSize, captionsPerPicture, templates = [] }: RunSettings,
  tokenizer: Tokenizer,
): number[] {
  const framed = templates.map((template) => tokenizer.count(fillTemplate(template, 'a')));
  const frame = Math.max(0, ...framed.map((tokens) => tokens - tokenizer.count('a')));
  const said = counts.map((tokens) => tokens + frame);
  return chooseLengths(said, batchSize * captionsPerPicture, tokenizer.contextLength);
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
