// The plane in which points differ most: their first two principal components, by power iteration.

import { Random } from '#random';

/** The difference to the exact plane does not matter: it is where a layout begins. */
const ROUNDS = 20;

/** Projects `count` rows onto their first two principal components: x and y of each in turn. */
export function principalPlane(rows: Float32Array, count: number): Float32Array {
  const width = rows.length / count;
  const mean = meanRow(rows, count, width);
  const random = new Random(1);
  const axes: Float64Array[] = [];
  for (let axis = 0; axis < 2; axis++) {
    let direction = unit(Float64Array.from({ length: width }, () => random.normal()));
    for (let round = 0; round < ROUNDS; round++) {
      // direction ← Xᵀ X direction, without what the axis before explains
      const next = new Float64Array(width);
      for (let row = 0; row < count; row++) {
        const along = project(rows, row * width, mean, direction);
        for (let i = 0; i < width; i++) next[i]! += along * (rows[row * width + i]! - mean[i]!);
      }
      for (const before of axes) {
        const share = before.reduce((sum, value, i) => sum + value * next[i]!, 0);
        for (let i = 0; i < width; i++) next[i]! -= share * before[i]!;
      }
      direction = unit(next);
    }
    axes.push(direction);
  }
  const plane = new Float32Array(2 * count);
  for (let row = 0; row < count; row++) {
    for (const [axis, direction] of axes.entries()) {
      plane[2 * row + axis] = project(rows, row * width, mean, direction);
    }
  }
  return plane;
}

function meanRow(rows: Float32Array, count: number, width: number): Float64Array {
  const mean = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) mean[i % width]! += rows[i]! / count;
  return mean;
}

function project(rows: Float32Array, at: number, mean: Float64Array, direction: Float64Array) {
  let sum = 0;
  for (let i = 0; i < mean.length; i++) sum += (rows[at + i]! - mean[i]!) * direction[i]!;
  return sum;
}

/** Of length one; of equal rows nothing is left, and any direction will do. */
function unit(vector: Float64Array): Float64Array {
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return norm === 0 ? vector : vector.map((value) => value / norm);
}
