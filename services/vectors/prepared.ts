// Vectors as the exact index keeps them: of length one in float32, and rounded to int8. Making them so
// takes longer than adding them, and may be done on another thread.

import { unitRows } from './check';

/** The largest magnitude of a number of a rounded row. */
const rowLevels = 127;
/** Rows that are turned into columns together, so that each line of memory is written once. */
const tileRows = 64;

/** Int8 numbers in a block: large enough to be scanned at full speed, small enough to be made in 50 ms. */
const blockNumbers = 2 ** 22;
/** Rows in a block, whatever the dimension: 8,192 at 512. */
const fewestRows = 256;
export const mostRows = 2 ** 15;

export interface PreparedRows {
  ids: Uint32Array;
  /** Unit vectors, one behind the other. */
  rows: Float32Array;
  /**
   * The same in whole numbers from −127 to 127, column by column: number j of row i is at
   * j · ids.length + i.
   */
  columns: Int8Array;
  /** What one unit of each rounded row is worth. */
  scales: Float32Array;
}

/** As many rows as make a block: prepared together they are taken in without being copied. */
export function rowsInBlock(dimension: number): number {
  return Math.min(mostRows, Math.max(fewestRows, Math.floor(blockNumbers / dimension)));
}

/** Checks, scales and rounds `ids.length` vectors. Throws on anything an index could not hold. */
export function prepareRows(
  ids: ArrayLike<number>,
  vectors: Float32Array,
  dimension: number,
): PreparedRows {
  const rows = unitRows(ids, vectors, dimension);
  return { ids: Uint32Array.from(ids), rows, ...quantiseRows(rows, ids.length, dimension) };
}

/** Rounds each of the first `count` rows to int8, its largest number to ±127. */
export function quantiseRows(
  rows: Float32Array,
  count: number,
  dimension: number,
): Pick<PreparedRows, 'columns' | 'scales'> {
  const columns = new Int8Array(count * dimension);
  const scales = new Float32Array(count);
  const tile = new Int8Array(tileRows * dimension);
  for (let first = 0; first < count; first += tileRows) {
    const height = Math.min(tileRows, count - first);
    for (let row = 0; row < height; row++) {
      const start = (first + row) * dimension;
      const most = largest(rows, start, start + dimension);
      const step = rowLevels / most;
      const to = row * dimension;
      for (let j = 0; j < dimension; j++) tile[to + j] = rounded(rows[start + j]! * step);
      scales[first + row] = most / rowLevels;
    }
    for (let j = 0; j < dimension; j++) {
      const to = j * count + first;
      for (let row = 0; row < height; row++) columns[to + row] = tile[row * dimension + j]!;
    }
  }
  return { columns, scales };
}

/** A number from −127 to 127, rounded; a third of the time of Math.round. */
function rounded(value: number): number {
  return ((value + 128.5) | 0) - 128;
}

/** The largest magnitude of values[from … to). */
export function largest(values: Float32Array, from: number, to: number): number {
  let most = 0;
  for (let i = from; i < to; i++) {
    const size = Math.abs(values[i]!);
    if (size > most) most = size;
  }
  return most;
}
