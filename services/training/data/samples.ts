// Rows of batches: a picture decoded and augmented, its captions chosen and tokenised. A row depends
// on seed, epoch and picture alone, so that it is the same wherever and whenever it is made.

import type { Tokenizer } from '#model';
import { inParallel } from '#parallel';
import { decodePicture, ImageError } from '#picture';
import { Random } from '#random';
import { augment, decodedSize } from './augment';
import type { Augmentation } from './augmentations';
import { tokensOf, type TokenTable } from './tokens';
import type { Picture, View } from './view';
import { choose, vary, type Words } from './words';

/** Pictures that are decoded at once. */
const DECODING = 8;

/** Everything that rows are made of; plain data, to be sent to other threads. */
export interface SampleData {
  /** Paths of the pictures. */
  images: readonly string[];
  /** Different captions of all pictures; elsewhere a caption is its place in this list. */
  captions: readonly string[];
  /** The captions of each picture. */
  captionsOf: readonly (readonly number[])[];
  tokens: TokenTable;
  view: View;
  augmentation: Augmentation;
  /** Views of each picture; 0 where pictures are not decoded. */
  views: number;
  /** Captions of each picture in a batch. */
  captionsPerPicture: number;
  words: Words;
  seed: number;
  /** Decoded pictures are kept in memory up to this many bytes. */
  cacheBytes: number;
}

/** Rows of a batch, one after another. */
export interface Samples {
  /** Which picture each row came to show: another where one cannot be decoded. */
  pictures: Int32Array;
  /** The captions of each row, and the words and tokens that they became. */
  captions: Int32Array;
  said: string[];
  ids: Int32Array[];
  /** [rows · views, 3, height, width]. */
  pixels: Float32Array<ArrayBuffer>;
  /** Pictures that turned out undecodable, with the reason. */
  skipped: [image: string, reason: string][];
}

export class SampleMaker {
  private readonly cache = new Map<number, Picture>();
  private cachedBytes = 0;
  private readonly broken = new Set<number>();
  private skipped: [string, string][] = [];

  /** `tokenizer` is needed where words vary. */
  constructor(
    private readonly data: SampleData,
    private readonly tokenizer: Tokenizer | undefined,
  ) {}

  /** Makes the rows of these pictures. Throws where no picture at all can be decoded. */
  async make(epoch: number, pictures: readonly number[]): Promise<Samples> {
    const { view, views, captionsPerPicture: each } = this.data;
    const size = 3 * view.width * view.height;
    const samples: Samples = {
      pictures: new Int32Array(pictures.length),
      captions: new Int32Array(pictures.length * each),
      said: [],
      ids: [],
      pixels: new Float32Array(pictures.length * views * size),
      skipped: [],
    };
    await inParallel(pictures, DECODING, async (wanted, row) => {
      const { index, picture } = await this.find(wanted);
      samples.pictures[row] = index;
      const random = Random.of(this.data.seed, epoch, wanted);
      this.text(samples, row, random);
      for (let at = row * views; at < (row + 1) * views; at++) {
        const out = samples.pixels.subarray(at * size, (at + 1) * size);
        augment(picture!, view, this.data.augmentation, random, out);
      }
    });
    samples.skipped = this.skipped;
    this.skipped = [];
    return samples;
  }

  /** The picture itself, or the next that can be decoded. */
  private async find(wanted: number): Promise<{ index: number; picture: Picture | undefined }> {
    if (this.data.views === 0) return { index: wanted, picture: undefined };
    const count = this.data.images.length;
    for (let shift = 0; shift < count; shift++) {
      const index = (wanted + shift) % count;
      const picture = await this.decode(index);
      if (picture !== undefined) return { index, picture };
    }
    throw new Error('none of the pictures can be decoded');
  }

  private async decode(index: number): Promise<Picture | undefined> {
    if (this.broken.has(index)) return undefined;
    const cached = this.cache.get(index);
    if (cached !== undefined) return cached;
    const { view, augmentation, images, cacheBytes } = this.data;
    try {
      const size = decodedSize(view, augmentation);
      const picture = await decodePicture(images[index]!, size, view.stretch);
      if (this.cachedBytes + picture.data.byteLength <= cacheBytes && !this.cache.has(index)) {
        this.cache.set(index, picture);
        this.cachedBytes += picture.data.byteLength;
      }
      return picture;
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      if (!this.broken.has(index)) this.skipped.push([images[index]!, error.message]);
      this.broken.add(index);
      return undefined;
    }
  }

  private text(samples: Samples, row: number, random: Random): void {
    const { captions, captionsOf, captionsPerPicture: each, words, tokens } = this.data;
    if (each === 0) return;
    const varies = words.dropout > 0 || words.templates.length > 0;
    choose(captionsOf[samples.pictures[row]!]!, each, random).forEach((caption, index) => {
      const at = row * each + index;
      samples.captions[at] = caption;
      samples.said[at] = varies ? vary(captions[caption]!, words, random) : captions[caption]!;
      samples.ids[at] = varies
        ? Int32Array.from(this.tokenizer!.encode([samples.said[at]!])[0]!)
        : tokensOf(tokens, caption).slice();
    });
  }
}
