// The HNSW index: hnswlib-node behind checks. hnswlib ends the process on a value that is no number,
// answers nonsense on NaN, wraps labels beyond 32 bits and writes files without looking: see check.ts
// and hnsw-file.ts.

import { stat } from 'node:fs/promises';
import type { HierarchicalNSW } from 'hnswlib-node';
import { Best, byScore } from './best';
import { unitRows } from '#vector-rows';
import { checkCount, checkDimension, unitQuery } from './check';
import { IndexFileError, readIndexFile, writeIndexFile } from './hnsw-file';
import { loadHnswlib, type Native } from './native';
import { Twins } from './twins';
import type { Neighbour, SearchOptions, StoredIndex } from './types';

export interface HnswSettings {
  /** Links of a vector in each layer. */
  M: number;
  /** Candidates looked at when a vector is linked: quality of the graph for time to build it. */
  efConstruction: number;
  /** Candidates looked at in a search: recall for time. */
  ef: number;
}

export interface HnswOptions extends Partial<HnswSettings> {
  dimension: number;
  /** Vectors to reserve memory for; the index grows by itself. */
  capacity?: number;
}

export interface HnswIndex extends StoredIndex {
  readonly kind: 'hnsw';
  readonly settings: Readonly<HnswSettings>;
  /** Vectors in the graph that are marked as deleted. */
  readonly tombstones: number;
  /** Which build of hnswlib answers: the one made for this processor, or npm's. */
  readonly build: Native['build'];
  setEf(ef: number): void;
  /** As every index; with this `ef` in place of the usual one, if given. */
  search(query: Float32Array, k: number, options?: HnswSearchOptions): Promise<Neighbour[]>;
}

export interface HnswSearchOptions extends SearchOptions {
  ef?: number;
}

type Shape = HnswSettings & { dimension: number };

const native = loadHnswlib();
const smallestCapacity = 256;
/** Past a half, deleted vectors make a search slow and its answers worse (1.5 to 4.5 × at 50 to 90 %). */
const deletedShareAtMost = 0.4;
/** Enough to find a vector that is there, and no distance of one that is. */
const twinEf = 16;
const twinDistance = 1e-5;

/** An empty HNSW index. */
export function createHnswIndex(options: HnswOptions): HnswIndex {
  const { dimension, capacity = 0, M = 16, efConstruction = 200, ef = 256 } = options;
  checkDimension(dimension);
  const settings = { dimension, M, efConstruction, ef };
  return new Hnsw(settings, emptyGraph(settings, capacity), []);
}

/**
 * Reads an index that save() wrote, with the tag it was given.
 * @throws IndexFileError when the file is damaged or of another kind
 */
export async function loadHnswIndex(file: string): Promise<{ index: HnswIndex; tag: string }> {
  return readIndexFile(file, async (header, path) => {
    if (header.count === 0) return { index: createHnswIndex(header), tag: header.tag };
    const graph = new native.HierarchicalNSW('ip', header.dimension);
    try {
      await graph.readIndex(path);
    } catch (cause) {
      throw new IndexFileError(`index file ${file}: hnswlib cannot read the graph`, { cause });
    }
    const { dimension, M, efConstruction, ef, deleted, twins, tag } = header;
    return { index: new Hnsw({ dimension, M, efConstruction, ef }, graph, deleted, twins), tag };
  });
}

class Hnsw implements HnswIndex {
  readonly kind = 'hnsw';
  readonly dimension: number;
  /** The ids held: the labels in the graph that are not marked as deleted, and their twins. */
  private readonly live: Set<number>;
  /** Labels in the graph that are marked as deleted; one may be another's twin meanwhile. */
  private readonly deleted: Set<number>;
  private twins: Twins;
  private saving = false;

  constructor(
    readonly settings: Shape,
    private graph: HierarchicalNSW,
    deleted: readonly number[],
    twins: readonly [id: number, node: number][] = [],
  ) {
    this.dimension = settings.dimension;
    this.deleted = new Set(deleted);
    this.twins = new Twins(twins);
    this.live = new Set(graph.getIdsList().filter((id) => !this.deleted.has(id)));
    for (const [id] of twins) this.live.add(id);
  }

  get size(): number {
    return this.live.size;
  }

  get tombstones(): number {
    return this.deleted.size;
  }

  get build(): Native['build'] {
    return native.build;
  }

  setEf(ef: number): void {
    this.settings.ef = ef;
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
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      const vector = unit.subarray(i * this.dimension, (i + 1) * this.dimension);
      if (this.live.has(id)) {
        if (this.isAt(this.twins.nodeOf(id), vector)) continue;
        this.forget(id);
      }
      const twin = this.findTwin(vector);
      if (twin === undefined) this.link(id, vector);
      else this.twins.join(id, twin);
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
    for (const id of gone) this.forget(id);
  }

  rebuildsOnRemoving(count: number): boolean {
    const nodes = (count * this.nodes) / Math.max(this.size, 1);
    return this.deleted.size + nodes > deletedShareAtMost * this.graph.getCurrentCount();
  }

  async search(
    query: Float32Array,
    k: number,
    { within, ef = this.settings.ef }: HnswSearchOptions = {},
  ): Promise<Neighbour[]> {
    const unit = unitQuery(query, this.dimension);
    const count = checkCount(k, this.size);
    if (count === 0) return [];
    if (within) return this.scan(unit, count, within.ids);
    this.graph.setEf(ef);
    const nearest = this.graph.searchKnn(native.point(unit), Math.min(count, this.nodes));
    const found = this.twins.expand(
      nearest.neighbors.map((id, rank) => ({ id, score: 1 - nearest.distances[rank]! })),
      count,
    );
    // A graph may hold points that no path reaches; whoever asks for all of them gets them all.
    if (found.length < count) return this.scan(unit, count, this.live.values());
    return found.sort(byScore).slice(0, count);
  }

  async save(file: string, tag = ''): Promise<void> {
    this.checkNotSaving();
    this.saving = true;
    try {
      const count = this.graph.getCurrentCount();
      const [deleted, twins] = [[...this.deleted], this.twins.pairs()];
      const header = { ...this.settings, count, deleted, twins, tag };
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
    this.twins = new Twins();
  }

  /** Exact: compares each of `ids` that is here (about 40 µs each, so for narrow sets). */
  private scan(unit: Float32Array, k: number, ids: Iterable<number>): Neighbour[] {
    const best = new Best(k);
    for (const id of ids) {
      if (!this.live.has(id)) continue;
      const point = this.graph.getPoint(this.twins.nodeOf(id));
      let score = 0;
      for (let i = 0; i < point.length; i++) score += point[i]! * unit[i]!;
      best.offer(id, score);
    }
    return best.sorted();
  }

  /** The labels in the graph that are not marked as deleted. */
  private get nodes(): number {
    return this.graph.getCurrentCount() - this.deleted.size;
  }

  private isAt(label: number, vector: Float32Array): boolean {
    return this.graph.getPoint(label).every((x, i) => x === vector[i]);
  }

  /** The node that has this vector already. */
  private findTwin(vector: Float32Array): number | undefined {
    if (this.size === 0) return undefined;
    this.graph.setEf(twinEf);
    const { neighbors, distances } = this.graph.searchKnn(native.point(vector), 1);
    const isNear = neighbors.length > 0 && distances[0]! < twinDistance;
    return isNear && this.isAt(neighbors[0]!, vector) ? neighbors[0] : undefined;
  }

  /** Makes an id a node of the graph. */
  private link(id: number, vector: Float32Array): void {
    const isHere = this.deleted.delete(id);
    if (isHere) this.graph.unmarkDelete(id);
    else this.reserveOne();
    // A picture that comes back finds its links as it left them; linking anew takes 1 to 2 ms.
    if (!isHere || !this.isAt(id, vector)) this.graph.addPoint(native.point(vector), id);
  }

  private reserveOne(): void {
    const capacity = this.graph.getMaxElements();
    if (this.graph.getCurrentCount() < capacity) return;
    this.graph.resizeIndex(Math.ceil(1.5 * capacity));
  }

  /** Marks the node of an id as deleted; where others share it, one of them becomes their node first. */
  private forget(id: number): void {
    const isNode = this.twins.nodeOf(id) === id;
    const heir = this.twins.leave(id);
    this.live.delete(id);
    if (!isNode) return;
    if (heir !== undefined) this.link(heir, Float32Array.from(this.graph.getPoint(id)));
    this.graph.markDelete(id);
    this.deleted.add(id);
  }

  private rebuildWithout(gone: ReadonlySet<number>): void {
    const kept = [...this.live].filter((id) => !gone.has(id));
    const graph = emptyGraph(this.settings, Math.min(kept.length, this.nodes));
    const twins = new Twins();
    const moved = new Map<number, number>();
    for (const id of kept) {
      const former = this.twins.nodeOf(id);
      const node = moved.get(former);
      if (node !== undefined) {
        twins.join(id, node);
        continue;
      }
      graph.addPoint(native.point(Float32Array.from(this.graph.getPoint(former))), id);
      moved.set(former, id);
    }
    release(this.graph);
    this.graph = graph;
    this.twins = twins;
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

  private checkNotSaving(): void {
    if (this.saving) throw new Error('vector index: being saved; wait for save() to settle');
  }
}

function emptyGraph(settings: Shape, capacity: number): HierarchicalNSW {
  // 'ip' on vectors of length one is the cosine.
  const graph = new native.HierarchicalNSW('ip', settings.dimension);
  const { M: m, efConstruction } = settings;
  graph.initIndex({ maxElements: Math.max(capacity, smallestCapacity), m, efConstruction });
  return graph;
}

/** Native memory is invisible to the garbage collector; a new tiny graph frees the old one now. */
function release(graph: HierarchicalNSW): void {
  graph.initIndex(1);
}
