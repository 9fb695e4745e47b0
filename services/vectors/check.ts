// What may enter an index: dimensions, queries and counts are checked here, before native code sees them.
// Vectors are checked by #vector-rows.

import { toUnit } from '#vector-rows';

export function checkDimension(dimension: number): void {
  if (!Number.isInteger(dimension) || dimension < 1 || dimension > 65_536) {
    throw new RangeError(`vector index: a dimension of ${dimension}; expected 1 to 65536`);
  }
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
