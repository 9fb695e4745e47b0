// How many levels a query may have. Processors without VNNI (or its like) multiply unsigned by signed
// bytes in pairs, and the sum of two products stops at 16 bits: 2 · 255 · 127 is too much for it,
// 2 · 127 · 127 is not. So queries get 8 bits where that is seen to give the right sums, else 7.

import { Scan } from './scan';

/** Magnitudes of a query around its zero: 1 … 255 around 128, or 1 … 127 around 64. */
const fine = 127;
const safe = 63;

/** Sums of products of bytes: `queries` unsigned, q × dimension; `rows` signed, rows × dimension. */
export type Multiply = (
  queries: Uint8Array,
  rows: Int8Array,
  dimension: number,
) => Promise<Float32Array>;

let known: Promise<number> | undefined;

/** The levels that this processor multiplies without saturation; found out once. */
export function exactLevels(): Promise<number> {
  return (known ??= chooseLevels(multiplyHere));
}

/** Tries the most extreme bytes, in batches that different kernels compute, against whole numbers. */
export async function chooseLevels(multiply: Multiply): Promise<number> {
  const [dimension, count] = [66, 35];
  const signs = Array.from({ length: count }, (_, row) => (row % 3 === 0 ? -1 : 1));
  const rows = new Int8Array(count * dimension).map(
    (_, i) => signs[Math.floor(i / dimension)]! * 127,
  );
  for (const batch of [1, 4, 17]) {
    const queries = new Uint8Array(batch * dimension).fill(255);
    const sums = await multiply(queries, rows, dimension);
    const right = sums.every((sum, i) => sum === dimension * fine * 127 * signs[i % count]!);
    if (!right) return safe;
  }
  return fine;
}

async function multiplyHere(queries: Uint8Array, bytes: Int8Array, dimension: number) {
  const count = bytes.length / dimension;
  const scales = new Float32Array(count).fill(1);
  const columns = new Int8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    columns[(i % dimension) * count + Math.floor(i / dimension)] = bytes[i]!;
  }
  const scan = await Scan.open({ columns, scales }, dimension, fine);
  try {
    const found = await scan.run(queries, new Float32Array(count), count);
    const sums = new Float32Array(found.scores.length);
    for (let i = 0; i < sums.length; i++) {
      sums[Math.floor(i / count) * count + found.rows[i]!] = found.scores[i]!;
    }
    return sums;
  } finally {
    await scan.close();
  }
}
