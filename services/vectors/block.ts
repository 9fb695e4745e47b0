// A block of the exact index: some thousand vectors in float32, and the same in int8, inside the graph
// that scans them. Rows come behind each other; one that is removed is hidden until the block goes.

import type { IdSet } from './id-set';
import { hidden, quantiseRows, Scan, type Scanned } from './scan';

export class Block {
  ids: Uint32Array;
  /** Unit vectors, one behind the other. */
  rows: Float32Array;
  /** Rows that are taken, and how many of them are hidden. */
  count = 0;
  removed = 0;
  private bias: Float32Array;
  private scan: { graph: Scan; count: number } | undefined;
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
    this.bias = new Float32Array(room);
    this.rows = new Float32Array(room * dimension);
  }

  /** Appends as many of the rows from `first` on as there is room for; returns how many. */
  append(ids: ArrayLike<number>, rows: Float32Array, first: number): number {
    const taken = Math.min(ids.length - first, this.capacity - this.count);
    this.reserve(this.count + taken);
    for (let i = 0; i < taken; i++) this.ids[this.count + i] = ids[first + i]!;
    const { dimension } = this;
    const added = rows.subarray(first * dimension, (first + taken) * dimension);
    this.rows.set(added, this.count * dimension);
    this.count += taken;
    this.changes++;
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

  /** The best `k` rows for each query, `within` a set or of all; hidden ones last. */
  async best(
    queries: Uint8Array,
    k: number,
    within: IdSet | undefined,
    levels: number,
  ): Promise<Scanned> {
    if (this.scan?.count !== this.count) await this.compile(levels);
    const { graph, count } = this.scan!;
    const bias = within ? this.biasWithin(within) : this.bias;
    return graph.run(queries, bias.subarray(0, count), k);
  }

  /** What is appended meanwhile is not in the graph: the next search makes another. */
  private async compile(levels: number): Promise<void> {
    const { count } = this;
    const before = this.scan?.graph;
    const quantised = quantiseRows(this.rows, count, this.dimension);
    this.scan = { graph: await Scan.open(quantised, this.dimension, levels), count };
    await before?.close();
  }

  async close(): Promise<void> {
    await this.scan?.graph.close();
    this.scan = undefined;
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
    const room = Math.min(this.capacity, Math.max(count, 2 * this.ids.length));
    this.ids = grown(this.ids, new Uint32Array(room));
    this.bias = grown(this.bias, new Float32Array(room));
    this.rows = grown(this.rows, new Float32Array(room * this.dimension));
  }
}

function grown<T extends Uint32Array | Float32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
