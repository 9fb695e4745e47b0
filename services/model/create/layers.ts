// Weights and the small layers that every tower is made of.

import { float, tensor, type GraphBuilder, type Value } from '#onnx';
import type { Random } from '#random';

/** Adds an initializer drawn from a normal distribution. */
export function normalWeight(
  b: GraphBuilder,
  random: Random,
  name: string,
  dims: number[],
  deviation: number,
): Value {
  const length = dims.reduce((product, dim) => product * dim, 1);
  const data = Float32Array.from({ length }, () => random.normal() * deviation);
  return b.initializer(name, { dataType: 'float32', dims, data });
}

export function filled(b: GraphBuilder, name: string, length: number, value: number): Value {
  return b.initializer(name, tensor(new Float32Array(length).fill(value), [length], 'float32'));
}

/** LayerNormalization with weights `<name>.weight` and `<name>.bias`. */
export function layerNorm(
  b: GraphBuilder,
  name: string,
  x: Value,
  width: number,
  epsilon: number,
): Value {
  return b.op(
    'LayerNormalization',
    [x, filled(b, `${name}.weight`, width, 1), filled(b, `${name}.bias`, width, 0)],
    { axis: -1, epsilon: float(epsilon) },
  );
}

/** x · W + b with weights `<name>.weight` [from, to] and `<name>.bias` [to]. */
export function linear(
  b: GraphBuilder,
  random: Random,
  name: string,
  x: Value,
  [from, to]: [number, number],
  deviation: number,
): Value {
  const weight = normalWeight(b, random, `${name}.weight`, [from, to], deviation);
  return b.op('Add', [b.op('MatMul', [x, weight]), filled(b, `${name}.bias`, to, 0)]);
}
