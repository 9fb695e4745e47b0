// Seeded vectors for the tests of the vector indexes, and the slow, plain truth about them.

import { Random } from '../../services/random';

/** `count` vectors scattered around `clusters` centres, as embeddings of real pictures are. */
export function clustered(seed: number, count: number, dimension: number, clusters = 40) {
  const random = new Random(seed);
  const normal = () => random.normal();
  const centres = Array.from({ length: clusters }, () => Array.from({ length: dimension }, normal));
  return Float32Array.from({ length: count * dimension }, (_, i) => {
    const row = Math.floor(i / dimension);
    return centres[row % clusters]![i % dimension]! + 0.6 * random.normal();
  });
}

export function range(count: number, first = 0): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

export function rowOf(vectors: Float32Array, dimension: number, row: number): Float32Array {
  return vectors.slice(row * dimension, (row + 1) * dimension);
}

/** Cosine in double precision, as written in a textbook. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return ab / Math.sqrt(aa * bb);
}

/** The ids of all rows, best first, by sorting every cosine. */
export function ranking(query: Float32Array, vectors: Float32Array, dimension: number): number[] {
  const scores = range(vectors.length / dimension).map((row) =>
    cosine(query, rowOf(vectors, dimension, row)),
  );
  return range(scores.length).sort((a, b) => scores[b]! - scores[a]! || a - b);
}

/** The share of `truth` that `found` contains, averaged over queries. */
export function recall(found: number[][], truth: number[][]): number {
  const shares = truth.map(
    (ids, q) => ids.filter((id) => found[q]!.includes(id)).length / ids.length,
  );
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
