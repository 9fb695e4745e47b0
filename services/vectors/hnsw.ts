// The HNSW index: ids, of which those of equal vectors share a node of the graph (hnsw-graph.ts), behind checks
// (check.ts, hnsw-file.ts).

import { Best, byScore } from './best';
import { unitRows } from '#vector-rows';
import { checkCount, checkDimension, unitQuery } from './check';
import { IndexFileError, readIndexFile, writeIndexFile } from './hnsw-file';
import { Graph } from './hnsw-graph';
import type { Native } from './native';
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

/** Past a half, deleted vectors make a search slow and its answers worse (1.5 to 4.5 × at 50 to 90 %). */
const deletedShareAtMost = 0.4;

/** An empty HNSW index. */
export function createHnswIndex(options: HnswOptions): HnswIndex {
  const { dimension, capacity = 0, M = 16, efConstruction = 200, ef = 256 } = options;
  checkDimension(dimension);
  const settings = { dimension, M, efConstruction, ef };
  return new Hnsw(settings, Graph.empty(settings, capacity));
}

/**
 * Reads an index that save() wrote, with the tag it was given.
 * @throws IndexFileError when the file is damaged or of another kind
 */
export async function loadHnswIndex(file: string): Promise<{ index: HnswIndex; tag: string }> {
  return readIndexFile(file, async (header, path) => {
    if (header.count === 0) return { index: createHnswIndex(header), tag: header.tag };
    const graph = await Graph.read(path, header, header.deleted).catch((cause: unknown) => {
      throw new IndexFileError(`index file ${file}: hnswlib cannot read the graph`, { cause });
    });
    const { dimension, M, efConstruction, ef, twins, tag } = header;
    return { index: new Hnsw({ dimension, M, efConstruction, ef }, graph, twins), tag };
  });
}

class Hnsw implements HnswIndex {
  readonly kind = 'hnsw';
  readonly dimension: number;
  /** The ids held: the graph's labels that are not marked as deleted, and their twins. */
  private readonly live: Set<number>;
  private twins: Twins;
  private saving = false;

  constructor(
    readonly settings: Shape,
    private graph: Graph,
    twins: readonly [id: number, node: number][] = [],
  ) {
    this.dimension = settings.dimension;
    this.twins = new Twins(twins);
    this.live = new Set(graph.labels());
    for (const [id] of twins) this.live.add(id);
  }

  get size(): number {
    return this.live.size;
  }

  get tombstones(): number {
    return this.graph.tombstones;
  }

  get build(): Native['build'] {
    return this.graph.build;
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
        if (this.graph.isAt(this.twins.nodeOf(id), vector)) continue;
        this.forget(id);
      }
      const twin = this.graph.labelAt(vector);
      if (twin === undefined) this.graph.link(id, vector);
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
    const { count: all, tombstones } = this.graph;
    const nodes = (count * (all - tombstones)) / Math.max(this.size, 1);
    return tombstones + nodes > deletedShareAtMost * all;
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
    const found = this.twins.expand(this.graph.nearest(unit, count, ef), count);
    // A graph may hold points that no path reaches; whoever asks for all of them gets them all.
    if (found.length < count) return this.scan(unit, count, this.live.values());
    return found.sort(byScore).slice(0, count);
  }

  async save(file: string, tag = ''): Promise<void> {
    this.checkNotSaving();
    this.saving = true;
    try {
      const { count } = this.graph;
      const [deleted, twins] = [this.graph.deletedLabels(), this.twins.pairs()];
      const header = { ...this.settings, count, deleted, twins, tag };
      await writeIndexFile(file, header, count === 0 ? undefined : (to) => this.graph.write(to));
    } finally {
      this.saving = false;
    }
  }

  async close(): Promise<void> {
    this.checkNotSaving();
    this.graph.release();
    this.live.clear();
    this.twins = new Twins();
  }

  /** Exact: compares each of `ids` that is here (about 40 µs each, so for narrow sets). */
  private scan(unit: Float32Array, k: number, ids: Iterable<number>): Neighbour[] {
    const best = new Best(k);
    for (const id of ids) {
      if (!this.live.has(id)) continue;
      const point = this.graph.vectorOf(this.twins.nodeOf(id));
      let score = 0;
      for (let i = 0; i < point.length; i++) score += point[i]! * unit[i]!;
      best.offer(id, score);
    }
    return best.sorted();
  }

  /** Marks the node of an id as deleted; where others share it, one of them becomes their node first. */
  private forget(id: number): void {
    const isNode = this.twins.nodeOf(id) === id;
    const heir = this.twins.leave(id);
    this.live.delete(id);
    if (!isNode) return;
    if (heir !== undefined) this.graph.link(heir, Float32Array.from(this.graph.vectorOf(id)));
    this.graph.markDeleted(id);
  }

  private rebuildWithout(gone: ReadonlySet<number>): void {
    const kept = [...this.live].filter((id) => !gone.has(id));
    const graph = Graph.empty(this.settings, Math.min(kept.length, this.graph.count));
    const twins = new Twins();
    const moved = new Map<number, number>();
    for (const id of kept) {
      const former = this.twins.nodeOf(id);
      const node = moved.get(former);
      if (node !== undefined) {
        twins.join(id, node);
        continue;
      }
      graph.link(id, Float32Array.from(this.graph.vectorOf(former)));
      moved.set(former, id);
    }
    this.graph.release();
    this.graph = graph;
    this.twins = twins;
    for (const id of gone) this.live.delete(id);
  }

  private checkNotSaving(): void {
    if (this.saving) throw new Error('vector index: being saved; wait for save() to settle');
  }
}
