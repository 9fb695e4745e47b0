// Self-supervision without negatives: each view predicts what a momentum tower makes of the other.

import type { Ops } from '#autodiff';
import type { Value } from '#onnx';
import type { Random } from '#random';
import type { Parameter } from '../tower/parameters';
import { normalize } from './contrast';
import type { Term } from './term';
import { otherViews } from './views';

/** Width of the predictor's hidden layer, in embeddings. */
const EXPANSION = 4;

const EPSILON = 1e-5;

/** Uniform in ±1/√inputs, as PyTorch's Linear starts. */
function uniform(random: Random, inputs: number, count: number): Float32Array {
  const bound = 1 / Math.sqrt(inputs);
  return Float32Array.from({ length: count }, () => random.between(-bound, bound));
}

/** The predictor's weights: Linear, BatchNorm, ReLU, Linear. */
function predictor(dimension: number): Parameter[] {
  const hidden = EXPANSION * dimension;
  const vector = (name: string, length: number, value: number): Parameter => ({
    name: `predictor.${name}`,
    dims: [length],
    decay: false,
    rate: 1,
    initial: () => new Float32Array(length).fill(value),
  });
  const matrix = (name: string, inputs: number, outputs: number): Parameter => ({
    name: `predictor.${name}`,
    dims: [inputs, outputs],
    decay: true,
    rate: 1,
    initial: ({ random }) => uniform(random, inputs, inputs * outputs),
  });
  return [
    matrix('hidden.weight', dimension, hidden),
    vector('norm.weight', hidden, 1),
    vector('norm.bias', hidden, 0),
    matrix('output.weight', hidden, dimension),
    vector('output.bias', dimension, 0),
  ];
}

/** (x − mean) / √(variance + ε) of each column over the batch (Ioffe & Szegedy 2015). */
function batchNorm(ops: Ops, x: Value): Value {
  const mean = (value: Value) => ops.b.op('ReduceMean', [value], { axes: [0], keepdims: 1 });
  const centred = ops.sub(x, mean(x));
  const variance = mean(ops.mul(centred, centred));
  return ops.div(centred, ops.b.op('Sqrt', [ops.add(variance, ops.scalar(EPSILON, x))]));
}

/**
 * BYOL (Grill et al. 2020): 1/B Σ ‖q̄ − z̄′‖² + ‖q̄′ − z̄‖² over B pictures, q the prediction from one
 * view's embedding, z′ the momentum tower's embedding of the other view, both normalised; the sum
 * over a picture's two views is 4 − 2 (cos + cos′). Input `momentum.image`, [images, dimension], has
 * no gradient. The embedding stands for BYOL's projection; the predictor is thrown away after training.
 */
export const byol: Term = {
  head: predictor,
  inputs: { 'momentum.image': ({ images, dimension }) => [images, dimension] },
  build(ops, { image }, values) {
    const value = (name: string) => values[`predictor.${name}`]!;
    const normed = batchNorm(ops, ops.matmul(image, value('hidden.weight')));
    const shifted = ops.add(ops.mul(normed, value('norm.weight')), value('norm.bias'));
    const hidden = ops.b.op('Relu', [shifted]);
    const prediction = ops.add(ops.matmul(hidden, value('output.weight')), value('output.bias'));
    const target = otherViews(ops, values['momentum.image']!);
    const agreement = ops.mul(normalize(ops, prediction), normalize(ops, target));
    const mean = ops.scale(ops.reduceSum(agreement, [0, 1]), 1 / ops.dims(image)[0]!);
    return ops.sub(ops.scalar(4, mean), ops.scale(mean, 4));
  },
};
