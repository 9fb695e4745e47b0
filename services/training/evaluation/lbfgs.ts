// L-BFGS: the minimum of a smooth function of many numbers, from its values and gradients.

import { dot } from '../dot';

export interface Point {
  value: number;
  gradient: Float64Array;
}

/** Pairs of steps and gradient changes that stand for the curvature. */
const MEMORY = 10;

/** Lengths of a step that are tried at most. */
const TRIES = 30;

/** Share of the decrease that the slope promises which a step has to bring. */
const ENOUGH = 1e-4;

/** Share of the slope that a step has to end below. */
const FLATTER = 0.9;

interface Curvature {
  step: Float64Array;
  change: Float64Array;
  /** 1 / (step · change) */
  rho: number;
}

/** y ← y + a x */
function addScaled(y: Float64Array, a: number, x: Float64Array): void {
  for (let index = 0; index < y.length; index++) y[index]! += a * x[index]!;
}

/** −H · gradient by the two loops (Nocedal and Wright 2006, algorithm 7.4). */
function direction(gradient: Float64Array, memory: Curvature[]): Float64Array {
  const q = gradient.map((value) => -value);
  const alphas: number[] = [];
  for (const { step, change, rho } of memory.toReversed()) {
    const alpha = rho * dot(step, q);
    alphas.push(alpha);
    addScaled(q, -alpha, change);
  }
  const last = memory.at(-1);
  const scale = last ? 1 / (last.rho * dot(last.change, last.change)) : 1;
  const r = q.map((value) => scale * value);
  for (const { step, change, rho } of memory) {
    addScaled(r, alphas.pop()! - rho * dot(change, r), step);
  }
  return r;
}

/**
 * A step along `towards` that meets both of Wolfe's conditions, by bisection (Lewis and Overton 2013,
 * algorithm 2.6); else the last that lowered the value, if any.
 */
async function search(
  evaluate: (x: Float64Array) => Promise<Point>,
  x: Float64Array,
  { value, gradient }: Point,
  towards: Float64Array,
): Promise<{ x: Float64Array; point: Point } | undefined> {
  const slope = dot(gradient, towards);
  let [low, high, rate] = [0, Infinity, 1];
  let found: { x: Float64Array; point: Point } | undefined;
  for (let tried = 0; tried < TRIES; tried++) {
    const next = x.slice();
    addScaled(next, rate, towards);
    const point = await evaluate(next);
    if (point.value <= value + ENOUGH * rate * slope) {
      found = { x: next, point };
      if (dot(point.gradient, towards) >= FLATTER * slope) return found;
      low = rate;
    } else {
      high = rate;
    }
    rate = high === Infinity ? 2 * low : (low + high) / 2;
  }
  return found;
}

/**
 * Minimises a function from `start`, at most `iterations` steps, until the gradient's norm falls
 * under `tolerance` or no step lowers the value. Returns where it ended.
 */
export async function minimize(
  evaluate: (x: Float64Array) => Promise<Point>,
  start: Float64Array,
  { iterations = 200, tolerance = 1e-5 } = {},
): Promise<Float64Array> {
  let x = start;
  let point = await evaluate(x);
  const memory: Curvature[] = [];
  for (let iteration = 0; iteration < iterations; iteration++) {
    if (Math.sqrt(dot(point.gradient, point.gradient)) < tolerance) break;
    const found = await search(evaluate, x, point, direction(point.gradient, memory));
    if (found === undefined) break;
    const step = found.x.map((value, index) => value - x[index]!);
    const change = found.point.gradient.map((value, index) => value - point.gradient[index]!);
    const product = dot(step, change);
    if (product > 0) memory.push({ step, change, rho: 1 / product });
    if (memory.length > MEMORY) memory.shift();
    ({ x, point } = found);
  }
  return x;
}
