// Byte-pair encoding: learns which symbols to merge from counted words. Knows nothing of text or files (clip-format.ts).

/** Two neighbouring symbols that become one. */
export type Merge = readonly [left: string, right: string];

interface Word {
  symbols: number[];
  count: number;
}

/**
 * Learns merges, the most frequent pair first; equally frequent pairs in the order they were met,
 * so that the same words give the same merges.
 *
 * @param words each a sequence of symbols with how often it occurs.
 * @param merges how many to learn; fewer come back when every word is one symbol or no pair repeats.
 */
export function learnMerges(
  words: Iterable<readonly [symbols: readonly string[], count: number]>,
  merges: number,
): Merge[] {
  const names: string[] = [];
  const numbers = new Map<string, number>();
  const number = (name: string): number => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, names.push(name) - 1);
    return names.length - 1;
  };
  const corpus: Word[] = [...words].map(([symbols, count]) => ({
    symbols: symbols.map(number),
    count,
  }));
  const pairs = new PairCounts();
  for (const [at, word] of corpus.entries()) pairs.count(word, at, 1);

  const learned: Merge[] = [];
  while (learned.length < merges) {
    const best = pairs.mostFrequent();
    if (!best) break;
    const merge = [names[best.left] ?? '', names[best.right] ?? ''] as const;
    const merged = number(merge.join(''));
    for (const at of best.words) {
      const word = corpus[at];
      if (!word) continue;
      pairs.count(word, at, -1);
      word.symbols = replacePair(word.symbols, best.left, best.right, merged);
      pairs.count(word, at, 1);
    }
    learned.push(merge);
  }
  return learned;
}

function replacePair(symbols: number[], left: number, right: number, merged: number): number[] {
  const out: number[] = [];
  for (let at = 0; at < symbols.length; at += 1) {
    const pair = symbols[at] === left && symbols[at + 1] === right;
    out.push(pair ? merged : (symbols[at] ?? 0));
    if (pair) at += 1;
  }
  return out;
}

interface Pair {
  left: number;
  right: number;
  count: number;
  /** Indexes of words that hold, or once held, this pair. */
  words: Set<number>;
}

/** Counts of neighbouring pairs, with the most frequent at hand: a heap whose outdated entries are skipped. */
class PairCounts {
  private readonly pairs = new Map<string, Pair>();
  private readonly heap: { pair: Pair; count: number; order: number }[] = [];
  private order = 0;

  /** Adds (or with sign −1 takes away) the pairs of a word. */
  count(word: Word, at: number, sign: 1 | -1): void {
    for (let i = 0; i + 1 < word.symbols.length; i += 1) {
      const [left = 0, right = 0] = word.symbols.slice(i, i + 2);
      const key = `${left} ${right}`;
      const pair = this.pairs.get(key) ?? { left, right, count: 0, words: new Set<number>() };
      this.pairs.set(key, pair);
      pair.count += sign * word.count;
      if (sign > 0) {
        pair.words.add(at);
        this.push(pair);
      }
    }
  }

  /** The pair with the highest count, if any occurs twice. Counts that fell since they were pushed go back in. */
  mostFrequent(): Pair | undefined {
    for (let top = this.pop(); top; top = this.pop()) {
      if (top.count === top.pair.count && top.count > 1) return top.pair;
      if (top.count > top.pair.count && top.pair.count > 1) this.push(top.pair);
    }
    return undefined;
  }

  private push(pair: Pair): void {
    const entry = { pair, count: pair.count, order: this.order++ };
    let at = this.heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.before(at, parent)) break;
      this.swap(at, parent);
      at = parent;
    }
  }

  private pop() {
    const top = this.heap[0];
    const last = this.heap.pop();
    if (!top || !last || this.heap.length === 0) return top;
    this.heap[0] = last;
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const child = right < this.heap.length && this.before(right, left) ? right : left;
      if (child >= this.heap.length || !this.before(child, at)) break;
      this.swap(at, child);
      at = child;
    }
    return top;
  }

  private before(a: number, b: number): boolean {
    const [left, right] = [this.heap[a], this.heap[b]];
    if (!left || !right) return false;
    return left.count > right.count || (left.count === right.count && left.order < right.order);
  }

  private swap(a: number, b: number): void {
    const [left, right] = [this.heap[a], this.heap[b]];
    if (left && right) [this.heap[a], this.heap[b]] = [right, left];
  }
}
