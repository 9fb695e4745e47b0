// Gradient rules of activations and of Softmax.

import { numberAttribute, positive } from '#onnx';
import { simple } from './rule';

export const activationRules = simple({
  // y = σ(x): dy/dx = y (1 − y)
  Sigmoid: (g, { ops, outputs: [y] }) => [() => ops.mul(g, ops.mul(y!, ops.oneMinus(y!)))],
  // y = tanh x: dy/dx = 1 − y²
  Tanh: (g, { ops, outputs: [y] }) => [() => ops.mul(g, ops.oneMinus(ops.mul(y!, y!)))],
  // y = erf x: dy/dx = 2/√π · exp(−x²)
  Erf: (g, { ops, inputs: [x] }) => [
    () => ops.mul(g, ops.scale(ops.exp(ops.neg(ops.mul(x!, x!))), 2 / Math.sqrt(Math.PI))),
  ],
  // y = max(x, 0)
  Relu: (g, { ops, inputs: [x] }) => [
    () => ops.b.op('Where', [ops.b.op('Greater', [x!, ops.scalar(0, x!)]), g, ops.scalar(0, g)]),
  ],
  // y = softmax x: dL/dx = y (g − Σ g y)
  Softmax: (g, { ops, node, outputs: [y] }) => [
    () => {
      const axis = positive(numberAttribute(node, 'axis', -1), ops.dims(y!).length);
      const weighted = ops.mul(g, y!);
      return ops.sub(weighted, ops.mul(y!, ops.reduceSum(weighted, [axis], true)));
    },
  ],
  // y = log softmax x: dL/dx = g − exp(y) Σ g
  LogSoftmax: (g, { ops, node, outputs: [y] }) => [
    () => {
      const axis = positive(numberAttribute(node, 'axis', -1), ops.dims(y!).length);
      return ops.sub(g, ops.mul(ops.exp(y!), ops.reduceSum(g, [axis], true)));
    },
  ],
});
