// Bends a view smoothly, as another hand would draw the same thing.

import type { Random } from '#random';
import type { View } from './view';

/** How far each of a view's pixels is taken from, in pixels, row by row. */
export interface Warp {
  across: Float32Array;
  down: Float32Array;
}

/** Cells of the coarse grid, on either side. */
const CELLS = 4;

/** Control points that a pixel depends on, on either side. */
const TAPS = 4;

/**
 * A random smooth displacement of every pixel: normal displacements on a coarse grid, between whose points a uniform
 * cubic B-spline runs (elastic deformation: Simard et al. 2003; on a coarse grid: Ronneberger et al. 2015, section 3.1).
 *
 * @param most the largest standard deviation of the grid's displacements, as a share of the view's side; each view has
 *   its own, evenly up to that.
 */
export function randomWarp(view: View, most: number, random: Random): Warp {
  const deviation = random.uniform() * most;
  const displaced = (length: number) => smooth(view, length * deviation, random);
  return { across: displaced(view.width), down: displaced(view.height) };
}

/** [height, width] values of a spline through the neighbourhood of random control points. */
function smooth({ width, height }: View, deviation: number, random: Random): Float32Array {
  const points = CELLS + TAPS - 1;
  const grid = Float32Array.from({ length: points * points }, () => random.normal() * deviation);
  // Along rows first: [points, width].
  const columns = Array.from({ length: width }, (_, at) => basis(at, width));
  const rows = new Float32Array(points * width);
  for (let point = 0; point < points; point++) {
    for (let at = 0; at < width; at++) {
      const { first, weights } = columns[at]!;
      let sum = 0;
      for (let tap = 0; tap < TAPS; tap++)
        sum += weights[tap]! * grid[point * points + first + tap]!;
      rows[point * width + at] = sum;
    }
  }
  const out = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const { first, weights } = basis(row, height);
    for (let at = 0; at < width; at++) {
      let sum = 0;
      for (let tap = 0; tap < TAPS; tap++) sum += weights[tap]! * rows[(first + tap) * width + at]!;
      out[row * width + at] = sum;
    }
  }
  return out;
}

/** The first control point that a pixel depends on, and the weights of it and those after it; they add up to one. */
function basis(at: number, length: number): { first: number; weights: number[] } {
  const place = ((at + 0.5) / length) * CELLS;
  const first = Math.min(Math.floor(place), CELLS - 1);
  const t = place - first;
  const weights = [
    (1 - t) ** 3,
    3 * t ** 3 - 6 * t ** 2 + 4,
    -3 * t ** 3 + 3 * t ** 2 + 3 * t + 1,
    t ** 3,
  ].map((weight) => weight / 6);
  return { first, weights };
}
