// The exact index: every vector is compared. An int8 scan names the candidates, float32 ranks them;
// where the rounding could have hidden a neighbour, more candidates are looked at, up to all of them.

import { Batcher } from '#batcher';
import { Best } from './best';
import { Block } from './block';
import { checkCount, checkDimension, unitQuery } from './check';
import type { IdSet } from './id-set';
import { mostRows, prepareRows, quantiseRows, rowsInBlock, type PreparedRows } from '#vector-rows';
import { dot } from './dot';
import { exactLevels } from './saturation';
import { hidden, quantiseQueries, type Scanned } from './scan';
import type { Neighbour, SearchOptions, VectorIndex } from './types';

/** Rows that a block has room for at first, and that it must have before it is worth compacting. */
const fewRows = 256;
/** Queries in one scan. */
const queriesTogether = 64;
/** Candidates of a first look: at 100,000 × 512 all that ten true neighbours need, nearly always. */
const fewestCandidates = 40;
/** A row alone costs about this many times what a row in a scan costs. */
const alone = 40;

interface Request {
  unit: Float32Array;
  k: number;
  within: IdSet | undefined;
}

export interface ExactIndex extends VectorIndex {
  readonly kind: 'exact';
  /** add(), of vectors that were checked and rounded elsewhere, whose memory it may keep. */
  addPrepared(rows: PreparedRows): void;
  /** The vector of `id`, of length one, until the index changes; undefined if it does not hold it. */
  vectorOf(id: number): Float32Array | undefined;
  /** Makes searches quick at once, not only by and by. Holds the thread for about 30 ms at a time. */
  compile(): Promise<void>;
}

/** An empty exact index: 4 · dimension bytes a vector for float32, as many again / 4 for int8. */
export function createExactIndex(options: { dimension: number }): ExactIndex {
  checkDimension(options.dimension);
  return new BlockedIndex(options.dimension);
}

class BlockedIndex implements ExactIndex {
  readonly kind = 'exact';
  private readonly rowsInBlock: number;
  /** By number; the one made last takes what is added. */
  private readonly blocks = new Map<number, Block>();
  private blocksMade = 0;
  /** Where each id is: block · mostRows + row. */
  private readonly placeOf = new Map<number, number>();
  /** Counts vectors that have moved or been replaced, which a scan under way may have missed. */
  private moves = 0;
  /** Blocks that are no more, but may be in use by a scan. */
  private retired: Block[] = [];
  /** A block to be compiled when the scans get their next turn. */
  private toCompile: Block | undefined;
  private readonly scans = new Batcher(
    (requests: Request[]) => this.answer(requests),
    queriesTogether,
  );

  constructor(readonly dimension: number) {
    this.rowsInBlock = rowsInBlock(dimension);
  }

  get size(): number {
    return this.placeOf.size;
  }

  has(id: number): boolean {
    return this.placeOf.has(id);
  }

  ids(): IterableIterator<number> {
    return this.placeOf.keys();
  }

  vectorOf(id: number): Float32Array | undefined {
    const place = this.placeOf.get(id);
    if (place === undefined) return undefined;
    const block = this.blocks.get(Math.floor(place / mostRows))!;
    return rowOf(block, place % mostRows, this.dimension);
  }

  add(ids: ArrayLike<number>, vectors: Float32Array): void {
    this.addPrepared(prepareRows(ids, vectors, this.dimension));
  }

  addPrepared(rows: PreparedRows): void {
    for (const id of rows.ids) if (this.has(id)) this.moves++;
    this.append(rows);
  }

  remove(ids: ArrayLike<number>): void {
    for (let i = 0; i < ids.length; i++) {
      this.hide(ids[i]!);
      this.placeOf.delete(ids[i]!);
    }
    this.compact();
  }

  rebuildsOnRemoving(): boolean {
    return false;
  }

  async search(
    query: Float32Array,
    k: number,
    { within }: SearchOptions = {},
  ): Promise<Neighbour[]> {
    const unit = unitQuery(query, this.dimension);
    const count = checkCount(k, this.size);
    if (count === 0) return [];
    const request: Request = { unit, k: count, within };
    if (!this.scanPays(request, candidates(count))) return this.compareEach(request);
    return (await this.scans.ask([request]))[0]!;
  }

  async compile(): Promise<void> {
    for (;;) {
      const all = [...this.blocks.values()];
      this.toCompile = all.find((block) => block.isFull && !block.isCompiled);
      if (!this.toCompile) return;
      await this.scans.ask([]);
    }
  }

  async close(): Promise<void> {
    await this.scans.ask([]); // its turn comes after the scan under way
    const blocks = [...this.blocks.values(), ...this.retired];
    this.blocks.clear();
    this.placeOf.clear();
    for (const block of blocks) await block.close();
  }

  private append(rows: PreparedRows): void {
    for (let first = 0; first < rows.ids.length;) {
      const { number, start, taken } = this.appendSome(rows, first);
      for (let i = 0; i < taken; i++) {
        this.hide(rows.ids[first + i]!);
        this.placeOf.set(rows.ids[first + i]!, number * mostRows + start + i);
      }
      first += taken;
    }
    this.compact();
  }

  /** To the last block, or a new one if it is full; rows that fill a block become one as they are. */
  private appendSome(rows: PreparedRows, first: number) {
    const last = this.blocks.get(this.blocksMade);
    if (rows.ids.length === this.rowsInBlock && (!last || last.isFull)) {
      this.blocks.set(++this.blocksMade, Block.of(rows, this.dimension));
      return { number: this.blocksMade, start: 0, taken: rows.ids.length };
    }
    let block = last;
    if (!block || block.isFull) {
      const room = this.blocks.size === 0 ? fewRows : this.rowsInBlock; // a small index stays small
      block = new Block(this.dimension, this.rowsInBlock, room);
      this.blocks.set(++this.blocksMade, block);
    }
    const start = block.count;
    return { number: this.blocksMade, start, taken: block.append(rows, first) };
  }

  private hide(id: number): void {
    const place = this.placeOf.get(id);
    if (place === undefined) return;
    this.blocks.get(Math.floor(place / mostRows))!.hide(place % mostRows);
  }

  /** Of a block that is half empty, the rest moves to the end. */
  private compact(): void {
    for (const [number, block] of this.blocks) {
      if (2 * block.removed < block.count || block.count < fewRows) continue;
      this.blocks.delete(number);
      this.retired.push(block);
      this.moves++;
      const live = [...block.ids.subarray(0, block.count).keys()].filter(
        (row) => !block.isHidden(row),
      );
      const rows = new Float32Array(live.length * this.dimension);
      const ids = Uint32Array.from(live, (row, i) => {
        rows.set(rowOf(block, row, this.dimension), i * this.dimension);
        this.placeOf.delete(block.ids[row]!);
        return block.ids[row]!;
      });
      this.append({ ids, rows, ...quantiseRows(rows, ids.length, this.dimension) });
    }
  }

  /** Not for a set so small, or for so many of its neighbours, that each is as well looked at alone. */
  private scanPays({ within }: Request, width: number): boolean {
    const reach = within ? Math.min(within.size, this.size) : this.size;
    return alone * reach > this.size && 2 * width < reach;
  }

  private compareEach({ unit, k, within }: Request): Neighbour[] {
    const best = new Best(k);
    for (const id of within?.ids ?? this.placeOf.keys()) {
      const place = this.placeOf.get(id);
      if (place === undefined) continue;
      const block = this.blocks.get(Math.floor(place / mostRows))!;
      best.offer(id, dot(unit, block.rows, (place % mostRows) * this.dimension));
    }
    return best.sorted();
  }

  /** One scan for all who search within the same set; everything anew if vectors have moved. */
  private async answer(requests: Request[]): Promise<Neighbour[][]> {
    const answers = new Map<Request, Neighbour[]>();
    const { moves } = this;
    await this.compileOne();
    for (const within of new Set(requests.map((request) => request.within))) {
      await this.answerWithin(
        requests.filter((request) => request.within === within),
        answers,
      );
    }
    for (const block of this.retired.splice(0)) await block.close();
    if (moves !== this.moves) return this.answer(requests);
    return requests.map((request) => answers.get(request)!);
  }

  /** At most one, so that nobody waits long. */
  private async compileOne(): Promise<void> {
    const blocks = [...this.blocks.values()];
    const wanted = blocks.find((block) => block === this.toCompile && !block.isCompiled);
    const block = wanted ?? blocks.find(({ isWorthCompiling }) => isWorthCompiling);
    this.toCompile = undefined;
    await block?.compile(await exactLevels());
  }

  /** Scans again, with more candidates, for those for whom there were too few. */
  private async answerWithin(requests: Request[], answers: Map<Request, Neighbour[]>) {
    let width = candidates(Math.max(...requests.map(({ k }) => k)));
    let open = requests;
    for (; open.length > 0 && this.scanPays(open[0]!, width); width *= 4) {
      const found = await this.scan(open, width);
      open.forEach((request, q) => found[q] && answers.set(request, found[q]));
      open = open.filter((request) => !answers.has(request));
    }
    for (const request of open) answers.set(request, this.compareEach(request));
  }

  /** Answers requests within the same set; undefined where more candidates are needed to be sure. */
  private async scan(requests: Request[], width: number): Promise<(Neighbour[] | undefined)[]> {
    const levels = await exactLevels();
    const units = requests.map(({ unit }) => unit);
    const { bytes, scales } = quantiseQueries(units, levels);
    const found: Found[] = [];
    for (const [number, block] of [...this.blocks]) {
      found.push({
        number,
        block,
        ...(await block.best(bytes, width, requests[0]!.within, levels)),
      });
    }
    return requests.map((request, q) => this.rank(request, q, found, scales[q]!, width));
  }

  /**
   * The best `width` candidates of query `q` by their float32 scores. How far the int8 scores were off
   * says how far a row that is no candidate may be: 2 × is 4.4 standard deviations of the rounding.
   */
  private rank({ unit, k }: Request, q: number, found: Found[], scale: number, width: number) {
    const { floor, all } = cut(q, found, width);
    const best = new Best(k);
    let error = 0;
    for (const { number, block, scores, rows, width: given } of found) {
      for (let i = q * given; i < (q + 1) * given && scores[i]! >= floor; i++) {
        const row = rows[i]!;
        const score = dot(unit, block.rows, row * this.dimension);
        error = Math.max(error, Math.abs(score - scores[i]! * scale));
        const id = block.ids[row]!;
        if (this.placeOf.get(id) === number * mostRows + row) best.offer(id, score);
      }
    }
    const neighbours = best.sorted();
    const last = neighbours.at(-1);
    const sure = all || (neighbours.length === k && last!.score > floor * scale + 2 * error);
    return sure ? neighbours : undefined;
  }
}

interface Found extends Scanned {
  number: number;
  block: Block;
}

function candidates(k: number): number {
  return Math.max(fewestCandidates, 2 * k);
}

/** The int8 score that the best `width` of all blocks reach; whether no row but these may be found. */
function cut(q: number, found: Found[], width: number): { floor: number; all: boolean } {
  const scores: number[] = [];
  for (const { scores: given, width: count } of found) {
    for (let i = q * count; i < (q + 1) * count && given[i]! > hidden / 2; i++) {
      scores.push(given[i]!);
    }
  }
  if (scores.length < width) return { floor: hidden / 2, all: true };
  return { floor: Float32Array.from(scores).sort()[scores.length - width]!, all: false };
}

function rowOf(block: Block, row: number, dimension: number): Float32Array {
  return block.rows.subarray(row * dimension, (row + 1) * dimension);
}
