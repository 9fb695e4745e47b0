// The graph of the HNSW index: vectors under labels, some of them marked as deleted. hnswlib-node ends the
// process on a value that is no number and answers nonsense on NaN: whoever calls this has checked.

import { stat } from 'node:fs/promises';
import type { HierarchicalNSW } from 'hnswlib-node';
import { loadHnswlib, type Native } from './native';
import type { Neighbour } from './types';

export interface GraphShape {
  dimension: number;
  M: number;
  efConstruction: number;
}

const native = loadHnswlib();
const smallestCapacity = 256;
/** Enough to find a vector that is there, and no distance of one that is. */
const equalEf = 16;
const equalDistance = 1e-5;

export class Graph {
  /** Which build of hnswlib this is: the one made for this processor, or npm's. */
  readonly build: Native['build'] = native.build;
  private readonly deleted: Set<number>;
  /** A label of each vector that was linked here, by the vector's hash. */
  private readonly byHash = new Map<number, number>();
  /** Whether some came from a file, and so without their hashes: reading them all would take seconds. */
  private readonly wasRead: boolean;

  private constructor(
    private readonly shape: GraphShape,
    private readonly graph: HierarchicalNSW,
    deleted: readonly number[] = [],
  ) {
    this.deleted = new Set(deleted);
    this.wasRead = this.count > 0;
  }

  static empty(shape: GraphShape, capacity: number): Graph {
    // 'ip' on vectors of length one is the cosine.
    const graph = new native.HierarchicalNSW('ip', shape.dimension);
    const { M: m, efConstruction } = shape;
    graph.initIndex({ maxElements: Math.max(capacity, smallestCapacity), m, efConstruction });
    return new Graph(shape, graph);
  }

  /** Reads what write() wrote; `deleted` are the labels that were marked then. */
  static async read(file: string, shape: GraphShape, deleted: readonly number[]): Promise<Graph> {
    const graph = new native.HierarchicalNSW('ip', shape.dimension);
    await graph.readIndex(file);
    return new Graph(shape, graph, deleted);
  }

  /** Vectors, those marked as deleted among them. */
  get count(): number {
    return this.graph.getCurrentCount();
  }

  get tombstones(): number {
    return this.deleted.size;
  }

  /** The labels that are marked as deleted. */
  deletedLabels(): number[] {
    return [...this.deleted];
  }

  /** The labels that are not. */
  labels(): number[] {
    return this.graph.getIdsList().filter((label) => !this.deleted.has(label));
  }

  vectorOf(label: number): number[] {
    return this.graph.getPoint(label);
  }

  isAt(label: number, vector: Float32Array): boolean {
    return this.vectorOf(label).every((x, i) => x === vector[i]);
  }

  /** The nearest that are not marked as deleted, `k` at most, with their cosines. */
  nearest(vector: Float32Array, k: number, ef: number): Neighbour[] {
    const count = Math.min(k, this.count - this.deleted.size);
    if (count === 0) return [];
    this.graph.setEf(ef);
    const { neighbors, distances } = this.graph.searchKnn(native.point(vector), count);
    return neighbors.map((id, rank) => ({ id, score: 1 - distances[rank]! }));
  }

  /** The label that has this vector already. Two that are hashed alike (a few in 100,000) may hide one. */
  labelAt(vector: Float32Array): number | undefined {
    const linked = this.byHash.get(hashOf(vector));
    if (linked !== undefined && !this.deleted.has(linked) && this.isAt(linked, vector)) {
      return linked;
    }
    // A search costs a sixth of linking a vector.
    const [near] = this.wasRead ? this.nearest(vector, 1, equalEf) : [];
    const isNear = near !== undefined && 1 - near.score < equalDistance;
    return isNear && this.isAt(near.id, vector) ? near.id : undefined;
  }

  link(label: number, vector: Float32Array): void {
    this.byHash.set(hashOf(vector), label);
    const isHere = this.deleted.delete(label);
    if (isHere) this.graph.unmarkDelete(label);
    else this.reserveOne();
    // A picture that comes back finds its links as it left them; linking anew takes 1 to 2 ms.
    if (!isHere || !this.isAt(label, vector)) this.graph.addPoint(native.point(vector), label);
  }

  markDeleted(label: number): void {
    this.graph.markDelete(label);
    this.deleted.add(label);
  }

  /** hnswlib reports no failed write (a full disk), but a whole graph has a least size. */
  async write(path: string): Promise<void> {
    await this.graph.writeIndex(path);
    const linkBytes = 4 * (2 * this.shape.M + 1);
    const bytesOfOne = linkBytes + 4 * this.shape.dimension + 8 + 4;
    const written = (await stat(path)).size;
    if (written < this.count * bytesOfOne) {
      throw new Error(`only ${written} bytes of the graph were written; is the disk full?`);
    }
  }

  /** Native memory is invisible to the garbage collector; a new tiny graph frees the old one now. */
  release(): void {
    this.graph.initIndex(1);
    this.deleted.clear();
    this.byHash.clear();
  }

  private reserveOne(): void {
    const capacity = this.graph.getMaxElements();
    if (this.count < capacity) return;
    this.graph.resizeIndex(Math.ceil(1.5 * capacity));
  }
}

/** Of the bits of its numbers; turned at each, so that the upper ones count for all of the hash. */
function hashOf(vector: Float32Array): number {
  const bits = new Int32Array(vector.buffer, vector.byteOffset, vector.length);
  let hash = 0;
  for (let i = 0; i < bits.length; i++) {
    hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ bits[i]!, 0x9e3779b1);
  }
  return hash;
}
