// Contrastive losses as graphs over two batches of embeddings.

import type { Ops } from '#autodiff';
import type { Value } from '#onnx';

/** x / ‖x‖₂ along the last axis. */
function normalize(ops: Ops, x: Value): Value {
  return ops.div(x, ops.b.op('ReduceL2', [x], { axes: [-1], keepdims: 1 }));
}

/** log softmax along an axis, shifted by the maximum: WebGPU's own ReduceLogSumExp overflows. */
function logSoftmax(ops: Ops, x: Value, axis: number): Value {
  const shifted = ops.sub(x, ops.b.op('ReduceMax', [x], { axes: [axis], keepdims: 1 }));
  return ops.sub(shifted, ops.b.op('Log', [ops.reduceSum(ops.exp(shifted), [axis], true)]));
}

/** Mean cross-entropy along `axis` against targets that are equal over the positives. */
function crossEntropy(ops: Ops, logits: Value, positives: Value, axis: number): Value {
  const targets = ops.div(positives, ops.reduceSum(positives, [axis], true));
  const matched = ops.reduceSum(ops.mul(targets, logSoftmax(ops, logits, axis)), [0, 1]);
  return ops.scale(matched, -1 / ops.dims(logits)[0]!);
}

/**
 * Symmetric InfoNCE (Radford et al. 2021, CLIP; van den Oord et al. 2018): the mean of the
 * cross-entropies of s · cos(image, text) over its rows and its columns.
 *
 * @param image image embeddings [B, D], not normalised
 * @param text text embeddings [B, D], not normalised
 * @param logitScale ln s, a scalar
 * @param positives [B, B], 1 where text j is a true caption of image i. The identity gives plain
 *   InfoNCE; more ones share the target (Khosla et al. 2020), so that two pictures of one thing are
 *   never each other's negatives.
 * @returns the loss, a scalar
 */
export function infoNce(
  ops: Ops,
  image: Value,
  text: Value,
  logitScale: Value,
  positives: Value,
): Value {
  const cosines = ops.matmul(normalize(ops, image), normalize(ops, text), { transB: true });
  const logits = ops.mul(cosines, ops.exp(logitScale));
  const rows = crossEntropy(ops, logits, positives, 1);
  const columns = crossEntropy(ops, logits, positives, 0);
  return ops.scale(ops.add(rows, columns), 0.5);
}
