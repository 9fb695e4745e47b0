// Gradient rules of matrix products.

import { numberAttribute, stringAttribute, type Value } from '#onnx';
import type { MatMulOptions, Ops } from './ops';
import { simple, type Gradient } from './rule';

export const matrixRules = simple({
  // Y = A B: dA = g Bᵀ, dB = Aᵀ g
  MatMul: (g, { ops, inputs: [a, b] }) => {
    const [rank, other] = [ops.dims(a!).length, ops.dims(b!).length];
    if (rank < 2 || other < 2) throw new Error('MatMul is differentiated for matrices only');
    if (other > 2) {
      return [() => ops.matmul(g, b!, { transB: true }), () => ops.matmul(a!, g, { transA: true })];
    }
    // A weight matrix: one product over all rows instead of a sum over the batch.
    const rows = ops.flatten(g);
    return [
      () => ops.reshape(ops.matmul(rows, b!, { transB: true }), ops.dims(a!)),
      () => ops.matmul(ops.flatten(a!), rows, { transA: true }),
    ];
  },
  // Y = α op(A) op(B) + β C
  Gemm: (g, { ops, node, inputs: [a, b, c] }) => {
    const transA = numberAttribute(node, 'transA', 0) === 1;
    const transB = numberAttribute(node, 'transB', 0) === 1;
    const alpha = numberAttribute(node, 'alpha', 1);
    const beta = numberAttribute(node, 'beta', 1);
    return [
      ...productGradients(ops, g, a!, b!, { transA, transB, alpha }),
      // Summed over its rows first: β then meets few numbers.
      () => ops.scale(ops.reduceTo(g, ops.dims(c!)), beta),
    ];
  },
  // Y = α op(A) op(B), batched, the last two axes transposed or not
  FusedMatMul: (g, { ops, node, inputs: [a, b] }) => {
    const transA = numberAttribute(node, 'transA', 0) === 1;
    const transB = numberAttribute(node, 'transB', 0) === 1;
    const alpha = numberAttribute(node, 'alpha', 1);
    return productGradients(ops, g, a!, b!, { transA, transB, alpha });
  },
  // One operand's gradient is the equation with that operand and the result exchanged.
  Einsum: (g, { ops, node, inputs }) => {
    const equation = stringAttribute(node, 'equation', '').replaceAll(' ', '');
    const [left, result] = equation.split('->') as [string, string | undefined];
    const terms = left.split(',');
    return inputs.map((_, index) => () => {
      const others = inputs.filter((_input, other) => other !== index);
      const letters = [result ?? '', ...terms.filter((_term, other) => other !== index)];
      const alone = [...terms[index]!].some((letter) => !letters.join('').includes(letter));
      if (result === undefined || equation.includes('.') || alone) {
        throw new Error(`Einsum ${equation} is not differentiated`);
      }
      return ops.b.op('Einsum', [g, ...others], {
        equation: `${letters.join()}->${terms[index]}`,
      });
    });
  },
});

/** dA and dB of Y = α op(A) op(B). */
function productGradients(
  ops: Ops,
  g: Value,
  a: Value,
  b: Value,
  { transA, transB, alpha }: Required<MatMulOptions>,
): Gradient[] {
  return [
    () =>
      transA
        ? ops.matmul(b, g, { transA: transB, transB: true, alpha })
        : ops.matmul(g, b, { transB: !transB, alpha }),
    () =>
      transB
        ? ops.matmul(g, a, { transA: true, transB: transA, alpha })
        : ops.matmul(a, g, { transA: !transA, alpha }),
  ];
}
