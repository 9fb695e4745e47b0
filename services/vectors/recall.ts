// Recall: the share of the true nearest neighbours that an index finds, and what finding them costs.

import type { Neighbour, VectorIndex } from './types';

export interface Measured {
  /** Found of the true neighbours, averaged over the queries. */
  recall: number;
  /** Of that average, the queries being a sample. */
  standardError: number;
  /** Milliseconds that a query takes, the median of all. */
  ms: number;
}

/** The `k` nearest of each query, one query after another. */
export async function answers(
  index: Pick<VectorIndex, 'search'>,
  queries: readonly Float32Array[],
  k: number,
): Promise<{ found: Neighbour[][]; ms: number }> {
  const found: Neighbour[][] = [];
  const times: number[] = [];
  for (const query of queries) {
    const started = performance.now();
    found.push(await index.search(query, k));
    times.push(performance.now() - started);
  }
  return { found, ms: median(times) };
}

/** How an index answers, against what an exact one answered to the same queries. */
export async function measureRecall(
  index: Pick<VectorIndex, 'search'>,
  queries: readonly Float32Array[],
  truth: readonly Neighbour[][],
  k: number,
): Promise<Measured> {
  const { found, ms } = await answers(index, queries, k);
  const shares = truth.map((neighbours, q) => share(found[q]!, neighbours));
  const recall = mean(shares);
  const variance = mean(shares.map((value) => (value - recall) ** 2));
  return { recall, standardError: Math.sqrt(variance / Math.max(shares.length, 1)), ms };
}

/** By score, so that of equally near neighbours either will do; float32 sums differ by order. */
function share(found: readonly Neighbour[], truth: readonly Neighbour[]): number {
  const last = truth.at(-1);
  if (!last) return 1;
  return found.filter(({ score }) => score >= last.score - 1e-6).length / truth.length;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
