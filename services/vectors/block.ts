// A block of the exact index: some thousand vectors in float32, and the same in int8, which are scanned.
// Rows come behind each other; one that is removed is hidden until the block goes.

import type { IdSet } from './id-set';
import type { PreparedRows } from '#vector-rows';
import { hidden, Scan, scanLoose, type Quantised, type Scanned } from './scan';

/** Scans after which making them quicker has paid: it takes as long as 40 slow ones. */
const scansWorthCompiling = 16;

export class Block {
  ids: Uint32Array;
  /** Unit vectors, one behind the other. */
  rows: Float32Array;
  /** Rows that are taken, and how many of them are hidden. */
  count = 0;
  removed = 0;
  /** For each row that there is room for: 0, or `hidden`. */
  private bias: Float32Array;
  /** For each row that there is room for; given up once they are compiled and none can come. */
  private quantised: Quantised | undefined;
  private scan: { graph: Scan; count: number } | undefined;
  private slowScans = 0;
  private closed = false;
  /** For sets that searches are kept within, a bias as it was after so many changes. */
  private biases = new WeakMap<IdSet, { changes: number; bias: Float32Array }>();
  private changes = 0;

  /** @param room rows to have memory for; it grows up to `capacity` */
  constructor(
    private readonly dimension: number,
    readonly capacity: number,
    room: number,
  ) {
    this.ids = new Uint32Array(room);
    this.bias = new Float32Array(room).fill(hidden);
    this.rows = new Float32Array(room * dimension);
    this.quantised = {
      columns: new Int8Array(room * dimension),
      scales: new Float32Array(room),
    };
  }

  /** A full block of these rows, whose memory it keeps. */
  static of({ ids, rows, columns, scales }: PreparedRows, dimension: number): Block {
    const block = new Block(dimension, ids.length, 0);
    block.ids = ids;
    block.rows = rows;
    block.quantised = { columns, scales };
    block.bias = new Float32Array(ids.length);
    block.count = ids.length;
    return block;
  }

  /** Appends as many of the rows from `first` on as there is room for; returns how many. */
  append(added: PreparedRows, first: number): number {
    const { dimension, count: start } = this;
    const taken = Math.min(added.ids.length - first, this.capacity - start);
    this.reserve(start + taken);
    this.ids.set(added.ids.subarray(first, first + taken), start);
    const rows = added.rows.subarray(first * dimension, (first + taken) * dimension);
    this.rows.set(rows, start * dimension);
    this.bias.fill(0, start, start + taken);
    const { columns, scales } = this.quantised!;
    scales.set(added.scales.subarray(first, first + taken), start);
    copyColumns(added.columns, columns, dimension, { first, count: taken, start });
    this.count += taken;
    this.changes++;
    this.slowScans = 0;
    return taken;
  }

  hide(row: number): void {
    this.bias[row] = hidden;
    this.removed++;
    this.changes++;
  }

  isHidden(row: number): boolean {
    return this.bias[row] !== 0;
  }

  get isFull(): boolean {
    return this.count === this.capacity;
  }

  get isCompiled(): boolean {
    return this.scan?.count === this.count;
  }

  /** Whether it has been scanned so often since it grew last that compiling it pays. */
  get isWorthCompiling(): boolean {
    return !this.isCompiled && this.slowScans >= scansWorthCompiling;
  }

  /** The best `k` rows for each query, `within` a set or of all; hidden ones last. */
  async best(
    queries: Uint8Array,
    k: number,
    within: IdSet | undefined,
    levels: number,
  ): Promise<Scanned> {
    const bias = within ? this.biasWithin(within) : this.bias;
    if (this.isCompiled) return this.scan!.graph.run(queries, bias.subarray(0, this.count), k);
    this.slowScans++;
    return scanLoose(this.quantised!, queries, this.dimension, levels, bias, k);
  }

  /** Makes its scan quick, until it grows. Holds the thread for about 30 ms. */
  async compile(levels: number): Promise<void> {
    const { count, dimension } = this;
    const before = this.scan?.graph;
    const graph = await Scan.open(trimmed(this.quantised!, count, dimension), dimension, levels);
    this.scan = { graph, count };
    if (this.isFull && this.isCompiled) this.quantised = undefined;
    await before?.close();
    if (this.closed) await this.close();
  }

  async close(): Promise<void> {
    this.closed = true;
    const graph = this.scan?.graph;
    this.scan = undefined;
    await graph?.close();
  }

  private biasWithin(within: IdSet): Float32Array {
    const known = this.biases.get(within);
    if (known?.changes === this.changes) return known.bias;
    const bias = this.bias.slice();
    for (let row = 0; row < this.count; row++) if (!within.has(this.ids[row]!)) bias[row] = hidden;
    this.biases.set(within, { changes: this.changes, bias });
    return bias;
  }

  /** Room for `count` rows, and for twice as many as before. */
  private reserve(count: number): void {
    if (count <= this.ids.length) return;
    const { dimension } = this;
    const room = Math.min(this.capacity, Math.max(count, 2 * this.ids.length));
    this.ids = grown(this.ids, new Uint32Array(room));
    this.bias = grown(this.bias, new Float32Array(room).fill(hidden));
    this.rows = grown(this.rows, new Float32Array(room * dimension));
    const { columns, scales } = this.quantised!;
    const wider = new Int8Array(room * dimension);
    copyColumns(columns, wider, dimension, { first: 0, count: this.count, start: 0 });
    this.quantised = { columns: wider, scales: grown(scales, new Float32Array(room)) };
  }
}

function grown<T extends Uint32Array | Float32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Copies `count` rows from row `first` on to row `start` of another block's columns. */
function copyColumns(
  from: Int8Array,
  to: Int8Array,
  dimension: number,
  { first, count, start }: { first: number; count: number; start: number },
): void {
  const [width, wider] = [from.length / dimension, to.length / dimension];
  for (let j = 0; j < dimension; j++) {
    const at = j * width + first;
    to.set(from.subarray(at, at + count), j * wider + start);
  }
}

function trimmed({ columns, scales }: Quantised, count: number, dimension: number): Quantised {
  if (scales.length === count) return { columns, scales };
  const narrower = new Int8Array(count * dimension);
  copyColumns(columns, narrower, dimension, { first: 0, count, start: 0 });
  return { columns: narrower, scales: scales.slice(0, count) };
}
