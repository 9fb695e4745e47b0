// Batches: which pairs a step sees, decoded, augmented and tokenised. Step n is the same in any run.

import { decodePicture, ImageError, type Tokenizer } from '#model';
import { Random } from '#random';
import { Tensor } from '#runtime';
import { augment, type Augmentation, type Picture, type View } from './augment';
import type { Batch } from './batch';
import type { Pair } from './pairs';

/** Decoded pictures are kept in memory up to this many bytes, so that later epochs decode nothing. */
const CACHE_BYTES = 2 ** 31;

/** Pictures are decoded a little larger than the view, so that a cut does not enlarge them. */
const MARGIN = 1.25;

/** Static shape of a run's batches. */
export interface BatchShape {
  /** Pairs in the batch. */
  size: number;
  /** Captions of each picture in the batch. */
  captions: number;
  /** Tokens that captions are padded to. */
  length: number;
}

export interface BatchOptions {
  shape: BatchShape;
  view: View;
  augmentation: Augmentation;
  seed: number;
}

interface Sample {
  pair: Pair;
  /** As many as the batch's shape says. */
  captions: string[];
  picture: Picture;
  random: Random;
}

export class Batches {
  readonly stepsPerEpoch: number;
  /** Pictures that could not be decoded, with the reason; others took their places. */
  readonly skipped = new Map<string, string>();
  private readonly cache = new Map<string, Picture>();
  private cachedBytes = 0;
  private readonly tokens = new Map<string, number[]>();
  private order: { epoch: number; indices: Uint32Array } | undefined;

  constructor(
    private readonly pairs: Pair[],
    private readonly tokenizer: Tokenizer,
    private readonly options: BatchOptions,
  ) {
    this.stepsPerEpoch = Math.floor(pairs.length / options.shape.size);
  }

  /** The batch of a step, counted from 0 over all epochs. */
  async at(step: number): Promise<Batch> {
    const { size } = this.options.shape;
    const epoch = Math.floor(step / this.stepsPerEpoch);
    const first = (step % this.stepsPerEpoch) * size;
    const indices = this.shuffled(epoch).subarray(first, first + size);
    const samples = await Promise.all([...indices].map((index) => this.sample(epoch, index)));
    return {
      image: { pixel_values: this.pixels(samples) },
      text: { input_ids: this.ids(samples.flatMap(({ captions }) => captions)) },
      positives: positives(samples),
      pictures: Int32Array.from(samples, ({ pair }) => this.pairs.indexOf(pair)),
      captions: this.captionNumbers(samples),
      length: this.options.shape.length,
      extra: {},
    };
  }

  private captionNumbers(samples: Sample[]): Int32Array {
    const all = [...new Set(this.pairs.flatMap(({ captions }) => captions))];
    return Int32Array.from(
      samples.flatMap(({ captions }) => captions.map((caption) => all.indexOf(caption))),
    );
  }

  private shuffled(epoch: number): Uint32Array {
    if (this.order?.epoch !== epoch) {
      const random = new Random(this.options.seed * 1_000_003 + epoch);
      this.order = { epoch, indices: random.permutation(this.pairs.length) };
    }
    return this.order.indices;
  }

  private async sample(epoch: number, index: number): Promise<Sample> {
    for (let shift = 0; shift < this.pairs.length; shift++) {
      const at = (index + shift) % this.pairs.length;
      const pair = this.pairs[at]!;
      const picture = await this.decode(pair.image);
      if (picture === undefined) continue;
      const random = new Random((this.options.seed + 1) * 7_919 + epoch * 104_729 + at * 31);
      const captions = choose(pair.captions, this.options.shape.captions, random);
      return { pair, captions, picture, random };
    }
    throw new Error('none of the pictures can be decoded');
  }

  private async decode(image: string): Promise<Picture | undefined> {
    if (this.skipped.has(image)) return undefined;
    const cached = this.cache.get(image);
    if (cached !== undefined) return cached;
    const { width, height } = this.options.view;
    try {
      const picture = await decodePicture(image, {
        width: Math.ceil(width * MARGIN),
        height: Math.ceil(height * MARGIN),
      });
      if (this.cachedBytes + picture.data.length <= CACHE_BYTES) {
        this.cache.set(image, picture);
        this.cachedBytes += picture.data.length;
      }
      return picture;
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      this.skipped.set(image, error.message);
      return undefined;
    }
  }

  private pixels(samples: Sample[]): Tensor {
    const { view, augmentation } = this.options;
    const length = 3 * view.width * view.height;
    const data = new Float32Array(samples.length * length);
    samples.forEach(({ picture, random }, index) => {
      const out = data.subarray(index * length, (index + 1) * length);
      augment(picture, view, augmentation, random, out);
    });
    return new Tensor('float32', data, [samples.length, 3, view.height, view.width]);
  }

  private ids(captions: string[]): Tensor {
    const { length } = this.options.shape;
    const data = new BigInt64Array(captions.length * length).fill(BigInt(this.tokenizer.padId));
    captions.forEach((caption, row) => {
      let ids = this.tokens.get(caption);
      if (ids === undefined) {
        ids = this.tokenizer.encode([caption])[0]!;
        this.tokens.set(caption, ids);
      }
      ids.forEach((id, column) => (data[row * length + column] = BigInt(id)));
    });
    return new Tensor('int64', data, [captions.length, length]);
  }
}

/** `count` random captions, different ones as far as there are enough. */
function choose(captions: string[], count: number, random: Random): string[] {
  const order = random.permutation(captions.length);
  return Array.from({ length: count }, (_, index) => captions[order[index % order.length]!]!);
}

/** [B, T]: 1 where the caption of column j is one of the captions of picture i. */
function positives(samples: Sample[]): Tensor {
  const texts = samples.flatMap(({ captions }) => captions);
  const columns = new Map<string, number[]>();
  texts.forEach((caption, column) => {
    columns.set(caption, [...(columns.get(caption) ?? []), column]);
  });
  const data = new Float32Array(samples.length * texts.length);
  samples.forEach(({ pair }, row) => {
    for (const caption of pair.captions) {
      for (const column of columns.get(caption) ?? []) data[row * texts.length + column] = 1;
    }
  });
  return new Tensor('float32', data, [samples.length, texts.length]);
}
