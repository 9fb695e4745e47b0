// Gradient rules of activations and of Softmax.

import { numberAttribute, positive, stringAttribute, type Value } from '#onnx';
import type { Ops } from './ops';
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
  Relu: (g, { ops, inputs: [x] }) => [() => ops.where(ops.greater(x!, 0), g, ops.scalar(0, g))],
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
  // y = x for x > 0, else α x
  LeakyRelu: (g, { ops, node, inputs: [x] }) => {
    const alpha = numberAttribute(node, 'alpha', 0.01);
    return [() => ops.where(ops.greater(x!, 0), g, ops.scale(g, alpha))];
  },
  // y = ln(1 + eˣ): dy/dx = σ(x)
  Softplus: (g, { ops, inputs: [x] }) => [() => ops.mul(g, ops.b.op('Sigmoid', [x!]))],
  // y = x between the bounds: no gradient outside them
  Clip: (g, { ops, inputs: [x, low, high] }) => [
    () => {
      const zero = ops.scalar(0, g);
      const above = low ? ops.where(ops.b.op('Less', [x!, low]), zero, g) : g;
      return high ? ops.where(ops.b.op('Less', [high, x!]), zero, above) : above;
    },
    null,
    null,
  ],
  // y = min(max(α x + β, 0), 1)
  HardSigmoid: (g, { ops, node, inputs: [x] }) => {
    const [alpha, beta] = [numberAttribute(node, 'alpha', 0.2), numberAttribute(node, 'beta', 0.5)];
    return [() => between(ops, x!, -beta / alpha, (1 - beta) / alpha, ops.scale(g, alpha), 0)];
  },
  // y = x · min(max(x / 6 + ½, 0), 1): dy/dx = (2 x + 3) / 6 between −3 and 3, 0 below, 1 above
  HardSwish: (g, { ops, inputs: [x] }) => [
    () => {
      const slope = ops.scale(ops.add(ops.scale(x!, 2), ops.scalar(3, x!)), 1 / 6);
      return ops.mul(g, between(ops, x!, -3, 3, slope, 1));
    },
  ],
  // y = x σ(α x): dy/dx = s + α y (1 − s) with s = σ(α x)
  QuickGelu: (g, { ops, node, inputs: [x], outputs: [y] }) => [
    () => {
      const alpha = numberAttribute(node, 'alpha', 1.702);
      const s = ops.b.op('Sigmoid', [ops.scale(x!, alpha)]);
      return ops.mul(g, ops.add(s, ops.scale(ops.mul(y!, ops.oneMinus(s)), alpha)));
    },
  ],
  // y = x Φ(x): dy/dx = Φ(x) + x φ(x), or the derivative of its tanh approximation
  Gelu: (g, { ops, node, inputs: [x], outputs: [y] }) => {
    const tanh = stringAttribute(node, 'approximate', 'none') === 'tanh';
    return [() => ops.mul(g, tanh ? geluTanhSlope(ops, x!, y!) : geluSlope(ops, x!))];
  },
  // ONNX Runtime's own node of the tanh approximation
  FastGelu: (g, { ops, inputs: [x], outputs: [y] }) => [
    () => ops.mul(g, geluTanhSlope(ops, x!, y!)),
  ],
});

/** `inside` where low < x < high, 0 below and `above` above. */
function between(
  ops: Ops,
  x: Value,
  low: number,
  high: number,
  inside: Value,
  above: number,
): Value {
  const upper = ops.where(ops.greater(x, high), ops.scalar(above, x), inside);
  return ops.where(ops.greater(x, low), upper, ops.scalar(0, x));
}

/** Φ(x) + x φ(x), the normal distribution's and density function */
function geluSlope(ops: Ops, x: Value): Value {
  const erf = ops.b.op('Erf', [ops.scale(x, Math.SQRT1_2)]);
  const share = ops.scale(ops.add(erf, ops.scalar(1, x)), 0.5);
  const density = ops.scale(ops.exp(ops.scale(ops.mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return ops.add(share, ops.mul(x, density));
}

/**
 * Of y = ½ x (1 + tanh u), u = √(2/π) (x + 0.044715 x³). With 2 u = x p, p = c (1 + 0.044715 x²),
 * y is x s, s = σ(x p), and its slope s + y (1 − s) (3 p − 2 c).
 */
function geluTanhSlope(ops: Ops, x: Value, y: Value): Value {
  const c = 2 * Math.sqrt(2 / Math.PI);
  const p = ops.add(ops.scale(ops.mul(x, x), 0.044715 * c), ops.scalar(c, x));
  const s = ops.b.op('Sigmoid', [ops.mul(x, p)]);
  const bend = ops.sub(ops.scale(p, 3), ops.scalar(2 * c, x));
  return ops.add(s, ops.mul(ops.mul(y, ops.oneMinus(s)), bend));
}
