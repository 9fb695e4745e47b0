// Vectors as the indexes keep them: checked, of length one in float32, and rounded to int8. Making them
// so takes longer than adding them, and may be done on a thread that has loaded nothing else.

const maxId = 2 ** 32 - 1;
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

/** Copies the rows with each scaled to length one. Throws on anything an index could not hold. */
export function unitRows(
  ids: ArrayLike<number>,
  vectors: Float32Array,
  dimension: number,
): Float32Array {
  if (vectors.length !== ids.length * dimension) {
    throw new RangeError(
      `vector index: ${ids.length} ids need ${ids.length} × ${dimension} numbers, got ${vectors.length}`,
    );
  }
  const rows = vectors.slice();
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (!Number.isInteger(id) || id < 0 || id > maxId) {
      throw new RangeError(`vector index: ${id} is no id; ids are integers from 0 to ${maxId}`);
    }
    const fault = toUnit(rows, i * dimension, (i + 1) * dimension);
    if (fault) throw new RangeError(`vector index: the vector of id ${id} ${fault}`);
  }
  return rows;
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
      for (let row = 0, from = j; row < height; row++, from += dimension) {
        columns[to + row] = tile[from]!;
      }
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
  let least = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    most = value > most ? value : most;
    least = value < least ? value : least;
  }
  return Math.max(most, -least);
}

/** Scales rows[from … to) to length one, in place; or says why it cannot. */
export function toUnit(rows: Float32Array, from: number, to: number): string | undefined {
  const square = squareOf(rows, from, to);
  if (!Number.isFinite(square)) return 'contains a number that is not finite';
  if (square === 0) return 'is all zeros and has no direction';
  // Of length one already, as nearly as float32 can say.
  if (Math.abs(square - 1) < 1e-6) return undefined;
  const scale = 1 / Math.sqrt(square);
  for (let i = from; i < to; i++) rows[i]! *= scale;
  return undefined;
}

/** Four sums, because one would wait for itself at every addition. */
function squareOf(rows: Float32Array, from: number, to: number): number {
  const fours = to - ((to - from) % 4);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = from; i < fours; i += 4) {
    a += rows[i]! * rows[i]!;
    b += rows[i + 1]! * rows[i + 1]!;
    c += rows[i + 2]! * rows[i + 2]!;
    d += rows[i + 3]! * rows[i + 3]!;
  }
  for (let i = fours; i < to; i++) a += rows[i]! * rows[i]!;
  return a + b + c + d;
}
