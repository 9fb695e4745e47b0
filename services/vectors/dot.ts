// The product of a vector with a row of many: what every comparison comes down to.

/** query · rows[offset …]. Four sums, because one would wait for itself at every addition. */
export function dot(query: Float32Array, rows: Float32Array, offset: number): number {
  const fours = query.length - (query.length % 4);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < fours; i += 4) {
    const at = offset + i;
    a += query[i]! * rows[at]!;
    b += query[i + 1]! * rows[at + 1]!;
    c += query[i + 2]! * rows[at + 2]!;
    d += query[i + 3]! * rows[at + 3]!;
  }
  for (let i = fours; i < query.length; i++) a += query[i]! * rows[offset + i]!;
  return a + b + c + d;
}
