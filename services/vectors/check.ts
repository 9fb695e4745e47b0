// What may enter an index: lengths, ids and numbers are checked here, before native code sees them.

const maxId = 2 ** 32 - 1;

export function checkDimension(dimension: number): void {
  if (!Number.isInteger(dimension) || dimension < 1 || dimension > 65_536) {
    throw new RangeError(`vector index: a dimension of ${dimension}; expected 1 to 65536`);
  }
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

/** The query scaled to length one. */
export function unitQuery(query: Float32Array, dimension: number): Float32Array {
  if (query.length !== dimension) {
    throw new RangeError(
      `vector index: the query has ${query.length} numbers, the index has dimension ${dimension}`,
    );
  }
  const unit = query.slice();
  const fault = toUnit(unit, 0, dimension);
  if (fault) throw new RangeError(`vector index: the query ${fault}`);
  return unit;
}

/** How many neighbours can come back at most. */
export function checkCount(k: number, size: number): number {
  if (!Number.isInteger(k) || k < 0) {
    throw new RangeError(`vector index: k is ${k}; expected an integer, 0 or more`);
  }
  return Math.min(k, size);
}

/** Scales rows[from … to) to length one, in place; or says why it cannot. */
function toUnit(rows: Float32Array, from: number, to: number): string | undefined {
  let square = 0;
  for (let i = from; i < to; i++) square += rows[i]! * rows[i]!;
  if (!Number.isFinite(square)) return 'contains a number that is not finite';
  if (square === 0) return 'is all zeros and has no direction';
  const scale = 1 / Math.sqrt(square);
  for (let i = from; i < to; i++) rows[i]! *= scale;
  return undefined;
}
