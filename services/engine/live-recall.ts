// Whether HNSW finds what it should: the queries that were asked last are asked again, of it and of the
// exact index, when there is nothing else to do.

import { setImmediate } from 'node:timers/promises';
import { measureRecall, type Measured, type Neighbour, type VectorIndex } from '#vectors';

/** Neighbours whose recall counts. */
const k = 10;
/** Queries remembered, and how many new ones make it worth while to measure again. */
const remembered = 64;
const worthMeasuring = 32;
/** At least so long between two measurements, each of which takes as long as a hundred searches. */
const pauseMs = 10_000;

export class LiveRecall {
  /** Of the queries before the last measurement; undefined until there was one. */
  measured: (Measured & { queries: number }) | undefined;
  private readonly queries: Float32Array[] = [];
  private asked = 0;
  private next = 0;

  /** A query that HNSW answers. */
  offer(query: Float32Array): void {
    this.queries[this.asked++ % remembered] = query;
  }

  /** The graph is another one, or is searched otherwise. */
  forget(): void {
    this.measured = undefined;
    this.next = 0;
  }

  /** Measures, if enough has been asked since the last time; says whether it did. */
  async measure(hnsw: VectorIndex, exact: VectorIndex): Promise<boolean> {
    if (this.asked < worthMeasuring || performance.now() < this.next) return false;
    const queries = this.queries.slice();
    this.asked = 0;
    this.queries.length = 0;
    this.next = performance.now() + pauseMs;
    const truth = await Promise.all(queries.map((query) => exact.search(query, k)));
    const yielding = {
      search: async (query: Float32Array, k: number): Promise<Neighbour[]> => {
        await setImmediate();
        return hnsw.search(query, k);
      },
    };
    const measured = await measureRecall(yielding, queries, truth, k);
    this.measured = { ...measured, queries: queries.length };
    return true;
  }
}
