// Captions as numbers, each tokenised once, and the few lengths that they are padded to.

import type { Tokenizer } from '#model';

/** Token ids of many captions, in memory that threads share. */
export interface TokenTable {
  ids: Int32Array;
  /** Where the ids of each caption start; one more at the end. */
  starts: Int32Array;
}

/** Captions are padded to multiples of this many tokens. */
const LENGTH_UNIT = 8;

/** Lengths at most: a step graph is built for each. */
const LENGTHS = 3;

/** A further length must save this share of the tokens. */
const WORTH = 0.05;

/** Captions that are tokenised before others get a turn on this thread. */
const CHUNK = 2000;

/** Tokenises captions, cut to the tokenizer's context. */
export async function tokenTable(
  captions: readonly string[],
  tokenizer: Tokenizer,
): Promise<TokenTable> {
  const rows: number[][] = [];
  for (let first = 0; first < captions.length; first += CHUNK) {
    for (const row of tokenizer.encode(captions.slice(first, first + CHUNK))) rows.push(row);
    await new Promise((turn) => setImmediate(turn));
  }
  const starts = shared(rows.length + 1);
  rows.forEach((row, index) => (starts[index + 1] = starts[index]! + row.length));
  const ids = shared(starts[rows.length]!);
  rows.forEach((row, index) => ids.set(row, starts[index]));
  return { ids, starts };
}

function shared(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * length));
}

export function tokensOf({ ids, starts }: TokenTable, caption: number): Int32Array {
  return ids.subarray(starts[caption], starts[caption + 1]);
}

/** How many tokens each caption has. */
export function tokenCounts({ starts }: TokenTable): Int32Array {
  return Int32Array.from({ length: starts.length - 1 }, (_, at) => starts[at + 1]! - starts[at]!);
}

/**
 * The lengths that batches of `texts` captions are padded to, ascending, chosen so that few tokens
 * are padding: where counts follow F, the longest of a batch is within l with probability F(l)^texts.
 */
export function chooseLengths(counts: Int32Array, texts: number, context: number): number[] {
  const sorted = Int32Array.from(counts).sort();
  const longest = Math.min(context, roundUp(sorted.at(-1) ?? 1));
  const within = (length: number) => (countUpTo(sorted, length) / sorted.length) ** texts;
  const expected = (lengths: number[]) =>
    lengths.reduce(
      (sum, length, at) => sum + length * (within(length) - (at ? within(lengths[at - 1]!) : 0)),
      0,
    );
  const candidates = new Set<number>();
  for (let length = LENGTH_UNIT; length < longest; length += LENGTH_UNIT) candidates.add(length);
  let chosen = [longest];
  while (chosen.length < LENGTHS) {
    const options = [...candidates].map((one) => [...chosen, one].sort((a, b) => a - b));
    const best = options.reduce((a, b) => (expected(b) < expected(a) ? b : a), chosen);
    if (best === chosen || expected(best) > (1 - WORTH) * expected(chosen)) break;
    chosen = best;
  }
  return chosen;
}

/** The least of the lengths that holds `tokens`; the context where all are too short. */
export function fitLength(lengths: readonly number[], tokens: number, context: number): number {
  return lengths.find((length) => length >= tokens) ?? context;
}

function roundUp(tokens: number): number {
  return Math.ceil(tokens / LENGTH_UNIT) * LENGTH_UNIT;
}

function countUpTo(sorted: Int32Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
