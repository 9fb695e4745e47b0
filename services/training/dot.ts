/** The sum of products of two vectors of one length. */
export function dot<T extends Float32Array | Float64Array>(a: T, b: T): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}
