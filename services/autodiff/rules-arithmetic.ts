// Gradient rules of element-wise arithmetic.

import { numbers } from '#onnx';
import { simple } from './rule';

export const arithmeticRules = simple({
  // y = a + b
  Add: (g) => [() => g, () => g],
  // y = a − b
  Sub: (g, { ops }) => [() => g, () => ops.neg(g)],
  // y = a b
  Mul: (g, { ops, inputs: [a, b] }) => [() => ops.mul(g, b!), () => ops.mul(g, a!)],
  // y = a / b: dy/da = 1 / b, dy/db = −y / b
  Div: (g, { ops, inputs: [, b], outputs: [y] }) => [
    () => ops.div(g, b!),
    () => ops.neg(ops.div(ops.mul(g, y!), b!)),
  ],
  // y = aᵉ, e constant: dy/da = e aᵉ⁻¹
  Pow: (g, { ops, inputs: [a, e] }) => {
    const constant = ops.b.constantOf(e);
    if (constant === undefined || constant.data.length !== 1) {
      throw new Error('Pow is differentiated for one constant exponent only');
    }
    const exponent = numbers(constant)[0]!;
    const power = () => (exponent === 2 ? a! : ops.b.op('Pow', [a!, ops.scalar(exponent - 1, a!)]));
    return [() => ops.mul(ops.scale(g, exponent), power()), null];
  },
  Neg: (g, { ops }) => [() => ops.neg(g)],
  // y = |x|: dy/dx = sign x, written so that it runs on every device
  Abs: (g, { ops, inputs: [x] }) => [() => ops.where(ops.greater(x!, 0), g, ops.neg(g))],
  Exp: (g, { ops, outputs: [y] }) => [() => ops.mul(g, y!)],
  Log: (g, { ops, inputs: [x] }) => [() => ops.div(g, x!)],
  // y = √x: dy/dx = 1 / (2 y)
  Sqrt: (g, { ops, outputs: [y] }) => [() => ops.div(ops.scale(g, 0.5), y!)],
  // y = 1 / x: dy/dx = −y²
  Reciprocal: (g, { ops, outputs: [y] }) => [() => ops.neg(ops.mul(g, ops.mul(y!, y!)))],
  // y = c ? a : b
  Where: (g, { ops, inputs: [c] }) => [
    null,
    () => ops.where(c!, g, ops.scalar(0, g)),
    () => ops.where(c!, ops.scalar(0, g), g),
  ],
  Sum: (g, { inputs }) => inputs.map(() => () => g),
  // Rotary positions: dy/dx = cos x and −sin x
  Sin: (g, { ops, inputs: [x] }) => [() => ops.mul(g, ops.b.op('Cos', [x!]))],
  Cos: (g, { ops, inputs: [x] }) => [() => ops.neg(ops.mul(g, ops.b.op('Sin', [x!])))],
  Identity: (g) => [() => g],
  Cast: (g, { ops, inputs: [x] }) => [() => ops.cast(g, x!)],
});
