// What the rule takes for weights, on a graph that has one of each kind.

import { expect, test } from 'vitest';
import { GraphBuilder, tensor } from '#onnx';
import { weightNames } from '../../services/training/tower/weight-rule';

/** (x − mean) / std through a convolution, a norm, rotary positions, a mask and a projection. */
function graph() {
  const b = new GraphBuilder('tower');
  const add = (name: string, values: number[], dims = [values.length]) =>
    b.initializer(name, tensor(values, dims, 'float32'));
  const x = b.input('pixel_values', 'float32', ['batch', 3, 4, 4]);
  const channels = [1, 3, 1, 1];
  const shifted = b.op('Sub', [x, add('mean', [0.4, 0.5, 0.6], channels)]);
  const scaled = b.op('Div', [shifted, add('std', [0.2, 0.3, 0.4], channels)]);
  const kernel = add('conv.weight', Array(3 * 3).fill(0.1), [3, 3, 1, 1]);
  const normed = b.op('BatchNormalization', [
    b.op('Conv', [scaled, kernel]),
    add('norm.weight', [1, 2, 3]),
    add('norm.bias', [0, 1, 2]),
    add('norm.running_mean', [0.1, 0.2, 0.3]),
    add('norm.running_var', [1, 1.5, 2]),
  ]);
  const pooled = b.op('Flatten', [b.op('GlobalAveragePool', [normed])]);
  const angles = [0.3, 1.1, 2];
  const turned = b.op('Add', [
    b.op('Mul', [pooled, add('cos', angles.map(Math.cos), [1, 3])]),
    b.op('Mul', [pooled, add('sin', angles.map(Math.sin), [1, 3])]),
  ]);
  const masked = b.op('Add', [turned, add('mask', [0, -10000, 0])]);
  const hidden = b.op('Where', [
    b.op('Greater', [masked, add('threshold', [0.1, 0.2, 0.3])]),
    masked,
    b.op('Mul', [masked, add('epsilon', [1e-6], [])]),
  ]);
  const embedding = b.op('Gemm', [hidden, add('projection', [1, 2, 3, 4, 5, 6], [3, 2])]);
  b.output(embedding, 'image_embeds', 'float32', ['batch', 2]);
  add('unused', [1, 2, 3]);
  return b.graph;
}

test('weights are what the embedding depends on by arithmetic, and no constants', () => {
  expect([...weightNames(graph())].sort()).toEqual([
    'conv.weight',
    'norm.bias',
    'norm.weight',
    'projection',
  ]);
});
