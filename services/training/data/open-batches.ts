// Opens the batches of a run: what its settings, its pairs and the model's tokenizer make of them.

import os from 'node:os';
import { fillTemplate, loadTokenizer, type ModelFolder, type Tokenizer } from '#model';
import { AUGMENTATIONS } from './augmentations';
import { Batches, type Embeddings } from './batches';
import type { Pair } from './pairs';
import type { RunSettings } from '../run';
import { openSamplePool } from './sample-pool';
import type { SampleData } from './samples';
import { decideFlip } from './sides';
import { similarOrder, type Likeness } from './similar';
import { textInputsOf } from './text-inputs';
import { chooseLengths, tokenCounts, tokenTable } from './tokens';
import type { Tower } from '../tower/tower';
import { viewOf } from './view';

/** Decoded pictures take this much memory at most, and this share of the machine's. */
const CACHE_BYTES = 2 ** 31;
const CACHE_SHARE = 0.1;

/** Threads at most that make batches, and the cores for each. */
const THREADS = 8;
const CORES_PER_THREAD = 2;

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
