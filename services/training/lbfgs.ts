// L-BFGS: the minimum of a smooth function of many numbers, from its values and gradients.

export interface Point {
  value: number;
  gradient: Float64Array;
}

/** Pairs of steps and gradient changes that stand for the curvature. */
const MEMORY = 10;

/** A step is halved at most so often. */
const HALVINGS = 20;

/** Share of the decrease that the slope promises which a step has to bring (Armijo). */
const ENOUGH = 1e-4;

interface Curvature {
  step: Float64Array;
  change: Float64Array;
  /** 1 / (step · change) */
  rho: number;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
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
    const towards = direction(point.gradient, memory);
    const slope = dot(point.gradient, towards);
    let rate = 1;
    let next = x;
    let found: Point | undefined;
    for (let halving = 0; halving < HALVINGS && found === undefined; halving++, rate /= 2) {
      next = x.slice();
      addScaled(next, rate, towards);
      const tried = await evaluate(next);
      if (tried.value <= point.value + ENOUGH * rate * slope) found = tried;
    }
    if (found === undefined) break;
    const step = next.map((value, index) => value - x[index]!);
    const change = found.gradient.map((value, index) => value - point.gradient[index]!);
    const product = dot(step, change);
    if (product > 1e-12) memory.push({ step, change, rho: 1 / product });
    if (memory.length > MEMORY) memory.shift();
    x = next;
    point = found;
  }
  return x;
}
