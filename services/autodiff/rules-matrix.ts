// Gradient rules of matrix products and convolutions.

import { convolutionPads, numberAttribute, numbersAttribute, type Value } from '#onnx';
import { simple, type RuleContext } from './rule';

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
  Gemm: (g, { ops, node, inputs: [a, b] }) => {
    const transA = numberAttribute(node, 'transA', 0) === 1;
    const transB = numberAttribute(node, 'transB', 0) === 1;
    const alpha = numberAttribute(node, 'alpha', 1);
    const beta = numberAttribute(node, 'beta', 1);
    return [
      () =>
        transA
          ? ops.matmul(b!, g, { transA: transB, transB: true, alpha })
          : ops.matmul(g, b!, { transB: !transB, alpha }),
      () =>
        transB
          ? ops.matmul(g, a!, { transA: true, transB: transA, alpha })
          : ops.matmul(a!, g, { transA: !transA, alpha }),
      () => ops.scale(g, beta),
    ];
  },
  Conv: (g, context) => [
    null,
    () => patchKernelGradient(g, context),
    () => context.ops.reduceSum(g, [0, 2, 3]),
  ],
});

/**
 * Kernel gradient of a patch embedding (stride = kernel, no padding): the patches as rows, then one
 * product, dW = gᵀ · patches.
 */
function patchKernelGradient(g: Value, { ops, node, inputs: [x, w] }: RuleContext): Value {
  const [batch, channels, height, width] = ops.dims(x!) as [number, number, number, number];
  const [filters, , kernelHeight, kernelWidth] = ops.dims(w!) as [number, number, number, number];
  const [rows, columns] = [height / kernelHeight, width / kernelWidth];
  const strides = numbersAttribute(node, 'strides') ?? [1, 1];
  const pads = convolutionPads(node, ops.dims(x!), [kernelHeight, kernelWidth]);
  const isPatches =
    strides.join() === `${kernelHeight},${kernelWidth}` &&
    pads.every((pad) => pad === 0) &&
    numberAttribute(node, 'group', 1) === 1 &&
    Number.isInteger(rows) &&
    Number.isInteger(columns);
  if (!isPatches) throw new Error('Conv is differentiated for patch embeddings only');
  const apart = ops.reshape(x!, [batch, channels, rows, kernelHeight, columns, kernelWidth]);
  const patches = ops.reshape(ops.transpose(apart, [0, 2, 4, 1, 3, 5]), [
    batch * rows * columns,
    channels * kernelHeight * kernelWidth,
  ]);
  const outputs = ops.reshape(ops.transpose(g, [0, 2, 3, 1]), [batch * rows * columns, filters]);
  return ops.reshape(ops.matmul(outputs, patches, { transA: true }), ops.dims(w!));
}
