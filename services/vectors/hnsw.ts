// The HNSW index: hnswlib-node behind checks. hnswlib ends the process on a value that is no number,
// answers nonsense on NaN, wraps labels beyond 32 bits and writes files without looking: see check.ts
// and hnsw-file.ts.

import { stat } from 'node:fs/promises';
import hnswlib from 'hnswlib-node';
import { Best, byScore } from './best';
import { checkCount, checkDimension, unitQuery, unitRows } from './check';
import { IndexFileError, readIndexFile, writeIndexFile, type IndexHeader } from './hnsw-file';
import type { Neighbour, SearchOptions, StoredIndex } from './types';

export interface HnswOptions {
  dimension: number;
  /** Vectors to reserve memory for; the index grows by itself. */
  capacity?: number;
  /** Links of a vector in each layer. */
  M?: number;
  /** Candidates looked at when a vector is linked: quality of the graph for time to build it. */
  efConstruction?: number;
  /** Candidates looked at in a search: recall for time. */
  ef?: number;
}

type Settings = Pick<IndexHeader, 'dimension' | 'M' | 'efConstruction' | 'ef'>;

const smallestCapacity = 256;
/** Past a half, deleted vectors make a search slow and its answers worse (1.5 to 4.5 × at 50 to 90 %). */
const deletedShareAtMost = 0.4;

/** An empty HNSW index. */
export function createHnswIndex(options: HnswOptions): StoredIndex {
  const { dimension, capacity = 0, M = 16, efConstruction = 200, ef = 256 } = options;
  checkDimension(dimension);
  const settings = { dimension, M, efConstruction, ef };
  return new HnswIndex(settings, emptyGraph(settings, capacity), []);
}

/**
 * Reads an index that save() wrote, with the tag it was given.
 * @throws IndexFileError when the file is damaged or of another kind
 */
export async function loadHnswIndex(file: string): Promise<{ index: StoredIndex; tag: string }> {
  return readIndexFile(file, (header, path) => {
    if (header.count === 0) return { index: createHnswIndex(header), tag: header.tag };
    const graph = new hnswlib.HierarchicalNSW('ip', header.dimension);
    try {
      graph.readIndexSync(path);
    } catch (cause) {
      throw new IndexFileError(`index file ${file}: hnswlib cannot read the graph`, { cause });
    }
    graph.setEf(header.ef); // hnswlib starts every loaded index at 10
    return { index: new HnswIndex(header, graph, header.deleted), tag: header.tag };
  });
}

class HnswIndex implements StoredIndex {
  readonly kind = 'hnsw';
  readonly dimension: number;
  /** Labels in the graph that are not marked as deleted. */
  private readonly live: Set<number>;
  private readonly deleted: Set<number>;
  /** A point as hnswlib wants it, reused: a plain array of numbers. */
  private readonly point: number[];
  private saving = false;

  constructor(
    private readonly settings: Settings,
    private graph: hnswlib.HierarchicalNSW,
    deleted: readonly number[],
  ) {
    this.dimension = settings.dimension;
    this.deleted = new Set(deleted);
    this.live = new Set(graph.getIdsList().filter((id) => !this.deleted.has(id)));
    this.point = new Array<number>(settings.dimension).fill(0);
  }

  get size(): number {
    return this.live.size;
  }

  has(id: number): boolean {
    return this.live.has(id);
  }

  ids(): IterableIterator<number> {
    return this.live.values();
  }

  add(ids: ArrayLike<number>, vectors: Float32Array): void {
    this.checkNotSaving();
    const unit = unitRows(ids, vectors, this.dimension);
    const needed = this.graph.getCurrentCount() + ids.length;
    if (needed > this.graph.getMaxElements()) {
      this.graph.resizeIndex(Math.max(needed, 2 * this.graph.getMaxElements()));
    }
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      this.graph.addPoint(this.plain(unit, i * this.dimension), id);
      this.deleted.delete(id);
      this.live.add(id);
    }
  }

  remove(ids: ArrayLike<number>): void {
    this.checkNotSaving();
    const gone = new Set(Array.from(ids).filter((id) => this.live.has(id)));
    if (this.rebuildsOnRemoving(gone.size)) {
      this.rebuildWithout(gone);
      return;
    }
    for (const id of gone) {
      this.graph.markDelete(id);
      this.live.delete(id);
      this.deleted.add(id);
    }
  }

  rebuildsOnRemoving(count: number): boolean {
    return this.deleted.size + count > deletedShareAtMost * this.graph.getCurrentCount();
  }

  async search(
    query: Float32Array,
    k: number,
    { within }: SearchOptions = {},
  ): Promise<Neighbour[]> {
    const unit = unitQuery(query, this.dimension);
    const count = checkCount(k, this.size);
    if (count === 0) return [];
    if (within) return this.scan(unit, count, within.ids);
    const found = this.graph.searchKnn(this.plain(unit, 0), count);
    // A graph may hold points that no path reaches; whoever asks for all of them gets them all.
    if (found.neighbors.length < count) return this.scan(unit, count, this.live.values());
    return found.neighbors
      .map((id, rank) => ({ id, score: 1 - found.distances[rank]! }))
      .sort(byScore);
  }

  async save(file: string, tag = ''): Promise<void> {
    this.checkNotSaving();
    this.saving = true;
    try {
      const count = this.graph.getCurrentCount();
      const header = { ...this.settings, count, deleted: [...this.deleted], tag };
      await writeIndexFile(file, header, count === 0 ? undefined : (path) => this.writeGraph(path));
    } finally {
      this.saving = false;
    }
  }

  async close(): Promise<void> {
    this.checkNotSaving();
    release(this.graph);
    this.live.clear();
    this.deleted.clear();
  }

  /** Exact: compares each of `ids` that is here (about 40 µs each, so for narrow sets). */
  private scan(unit: Float32Array, k: number, ids: Iterable<number>): Neighbour[] {
    const best = new Best(k);
    for (const id of ids) {
      if (!this.live.has(id)) continue;
      const point = this.graph.getPoint(id);
      let score = 0;
      for (let i = 0; i < point.length; i++) score += point[i]! * unit[i]!;
      best.offer(id, score);
    }
    return best.sorted();
  }

  private rebuildWithout(gone: ReadonlySet<number>): void {
    const kept = [...this.live].filter((id) => !gone.has(id));
    const graph = emptyGraph(this.settings, kept.length);
    for (const id of kept) graph.addPoint(this.graph.getPoint(id), id);
    release(this.graph);
    this.graph = graph;
    for (const id of gone) this.live.delete(id);
    this.deleted.clear();
  }

  /** hnswlib reports no failed write (a full disk), but a whole graph has a least size. */
  private async writeGraph(path: string): Promise<void> {
    await this.graph.writeIndex(path);
    const linkBytes = 4 * (2 * this.settings.M + 1);
    const bytesOfOne = linkBytes + 4 * this.dimension + 8 + 4;
    const written = (await stat(path)).size;
    if (written < this.graph.getCurrentCount() * bytesOfOne) {
      throw new Error(`only ${written} bytes of the graph were written; is the disk full?`);
    }
  }

  private plain(rows: Float32Array, offset: number): number[] {
    for (let i = 0; i < this.dimension; i++) this.point[i] = rows[offset + i]!;
    return this.point;
  }

  private checkNotSaving(): void {
    if (this.saving) throw new Error('vector index: being saved; wait for save() to settle');
  }
}

function emptyGraph(settings: Settings, capacity: number): hnswlib.HierarchicalNSW {
  // 'ip' on vectors of length one is the cosine.
  const graph = new hnswlib.HierarchicalNSW('ip', settings.dimension);
  const { M: m, efConstruction } = settings;
  graph.initIndex({ maxElements: Math.max(capacity, smallestCapacity), m, efConstruction });
  graph.setEf(settings.ef);
  return graph;
}

/** Native memory is invisible to the garbage collector; a new tiny graph frees the old one now. */
function release(graph: hnswlib.HierarchicalNSW): void {
  graph.initIndex(1);
}
