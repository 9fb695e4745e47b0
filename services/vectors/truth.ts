// The true neighbours of some queries, found without keeping the vectors, and what exact search takes.

import { byScore } from './best';
import { createExactIndex } from './exact';
import { answers } from './recall';
import type { Neighbour } from './types';

/** Enough for a scan to have been made quick, and then to be timed. */
const searchesToWarm = 20;
const searchesTimed = 20;

export interface Truth {
  queries: readonly Float32Array[];
  k: number;
  /** The `k` nearest of each query, best first. */
  neighbours: Neighbour[][];
  /** Milliseconds that an exact index of all these vectors takes for one query. */
  exactMs: number;
}

/** @param batches all vectors, best as many together as rowsInBlock() says */
export async function findTruth(
  queries: readonly Float32Array[],
  k: number,
  dimension: number,
  batches: Iterable<{ ids: ArrayLike<number>; vectors: Float32Array }>,
): Promise<Truth> {
  const neighbours: Neighbour[][] = queries.map(() => []);
  let [count, msOfOne] = [0, 0];
  for (const { ids, vectors } of batches) {
    const index = createExactIndex({ dimension });
    index.add(ids, vectors);
    const found = await Promise.all(queries.map((query) => index.search(query, k)));
    for (const [q, more] of found.entries()) {
      neighbours[q] = [...neighbours[q]!, ...more].sort(byScore).slice(0, k);
    }
    if (count === 0) msOfOne = (await timed(index, queries, k)) / ids.length;
    count += ids.length;
    await index.close();
  }
  return { queries, k, neighbours, exactMs: msOfOne * count };
}

async function timed(
  index: Parameters<typeof answers>[0],
  queries: readonly Float32Array[],
  k: number,
): Promise<number> {
  const repeated = Array.from({ length: searchesToWarm + searchesTimed }, (_, n) => n);
  const asked = repeated.map((n) => queries[n % queries.length]!);
  await answers(index, asked.slice(0, searchesToWarm), k);
  return (await answers(index, asked.slice(searchesToWarm), k)).ms;
}
