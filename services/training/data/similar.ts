// An order of pairs in which what is alike stands together, so that the negatives of a batch are hard ones.

import { loadDualEncoder, type ModelFolder } from '#model';
import type { Random } from '#random';
import type { Device } from '#runtime';
import { dot } from '../dot';
import { encodeTexts } from '../evaluation/ranks';
import type { Pair } from './pairs';

/** Pairs by their first captions, with the captions' embeddings. */
export interface Likeness {
  /** Number of each pair's caption. */
  captions: Int32Array;
  /** Embedding of each caption, by its number. */
  embeddings: readonly Float32Array[];
}

/** The likeness of pairs by what the base model makes of their first captions; each is encoded once. */
export async function likenessOf(
  base: ModelFolder,
  pairs: readonly Pair[],
  options: { device: Device; threads: number; onProgress(done: number, total: number): void },
): Promise<Likeness> {
  const numbers = new Map<string, number>();
  const captions = Int32Array.from(pairs, ({ captions: [first] }) => {
    if (!numbers.has(first!)) numbers.set(first!, numbers.size);
    return numbers.get(first!)!;
  });
  const encoder = await loadDualEncoder(base.path, options);
  try {
    const embeddings = await encodeTexts(encoder, [...numbers.keys()], (done) =>
      options.onProgress(done, numbers.size),
    );
    return { captions, embeddings };
  } finally {
    await encoder.dispose();
  }
}

/**
 * A random order of all pairs, in groups of `size` whose captions differ and are alike: negatives that
 * tell more than random ones do (hard negative mining: Robinson et al. 2021; batches of neighbours:
 * Zhang and Stratos 2021; Sachidananda et al. 2023, GCBS). The groups are the leaves of a random tree
 * that parts captions by which of two of them they are nearer to, and differ from one order to the next.
 */
export function similarOrder(
  { captions, embeddings }: Likeness,
  size: number,
  random: Random,
): Uint32Array {
  const groups = rounds(captions, random).flatMap((round) => {
    const leaves: number[][] = [];
    split(round, (pair) => embeddings[captions[pair]!]!, size, random, leaves);
    return leaves;
  });
  const order = [...random.permutation(groups.length)].flatMap((index) => groups[index]!);
  return Uint32Array.from(order);
}

/** All pairs in lists that have each caption once at most: a caption's pairs are no negatives. */
function rounds(captions: Int32Array, random: Random): number[][] {
  const lists: number[][] = [];
  const seen = new Map<number, number>();
  for (const pair of random.permutation(captions.length)) {
    const count = seen.get(captions[pair]!) ?? 0;
    seen.set(captions[pair]!, count + 1);
    (lists[count] ??= []).push(pair);
  }
  return lists;
}

/** Parts in halves, to leaves of `size` where the number allows, by the nearer of two random members. */
function split(
  pairs: number[],
  embeddingOf: (pair: number) => Float32Array,
  size: number,
  random: Random,
  leaves: number[][],
): void {
  if (pairs.length <= size) {
    leaves.push(pairs);
    return;
  }
  const [a, b] = [pairs, pairs].map((of) => embeddingOf(of[random.below(of.length)]!));
  const direction = a!.map((x, column) => x - b![column]!);
  const along = new Map(pairs.map((pair) => [pair, dot(embeddingOf(pair), direction)]));
  pairs.sort((left, right) => along.get(left)! - along.get(right)!);
  const half = size * Math.ceil(pairs.length / size / 2);
  split(pairs.slice(0, half), embeddingOf, size, random, leaves);
  split(pairs.slice(half), embeddingOf, size, random, leaves);
}
