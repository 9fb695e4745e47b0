// Contrastive losses as graphs over two batches of embeddings. One entry a loss.

import type { Ops } from '#autodiff';
import type { Value } from '#onnx';
import { LOGIT_BIAS, LOGIT_SCALE, type Parameter } from './parameters';

export interface Loss {
  /** The scalars that the loss learns beside the towers. */
  head: Parameter[];
  /**
   * @param image image embeddings [B, D], not normalised
   * @param text text embeddings [T, D], not normalised; T = B with one caption a picture
   * @param head the values of the head's scalars, in its order
   * @param positives [B, T], 1 where text j is a true caption of image i
   * @returns the loss, a scalar
   */
  build(ops: Ops, image: Value, text: Value, head: Value[], positives: Value): Value;
}

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
  return ops.scale(matched, -1 / ops.dims(logits)[1 - axis]!);
}

/** Cosines of all pairs, [B, T]: images in rows, texts in columns. */
function cosines(ops: Ops, image: Value, text: Value): Value {
  return ops.matmul(normalize(ops, image), normalize(ops, text), { transB: true });
}

/** ln σ(x) = −(max(−x, 0) + ln(1 + exp(−|x|))), which neither over- nor underflows. */
function logSigmoid(ops: Ops, x: Value): Value {
  const tail = ops.exp(ops.neg(ops.b.op('Abs', [x])));
  const log = ops.b.op('Log', [ops.add(tail, ops.scalar(1, x))]);
  return ops.neg(ops.add(ops.b.op('Relu', [ops.neg(x)]), log));
}

export const LOSSES = {
  /**
   * Symmetric InfoNCE (Radford et al. 2021, CLIP; van den Oord et al. 2018): the mean of the
   * cross-entropies of s · cos over its rows and its columns. With one positive a row this is CLIP's
   * loss; more share the target (Khosla et al. 2020), so that two pictures of one thing are never
   * each other's negatives.
   */
  infonce: {
    head: [LOGIT_SCALE],
    build(ops, image, text, [logitScale], positives) {
      const logits = ops.mul(cosines(ops, image, text), ops.exp(logitScale!));
      const rows = crossEntropy(ops, logits, positives, 1);
      const columns = crossEntropy(ops, logits, positives, 0);
      return ops.scale(ops.add(rows, columns), 0.5);
    },
  },
  /**
   * SigLIP (Zhai et al. 2023): −1/B Σᵢⱼ ln σ(zᵢⱼ (s · cosᵢⱼ + b)), z = 1 for positives, −1 for all
   * others. Every pair is judged alone.
   */
  siglip: {
    head: [LOGIT_SCALE, LOGIT_BIAS],
    build(ops, image, text, [logitScale, logitBias], positives) {
      const scaled = ops.mul(cosines(ops, image, text), ops.exp(logitScale!));
      const signs = ops.sub(ops.scale(positives, 2), ops.scalar(1, positives));
      const terms = logSigmoid(ops, ops.mul(signs, ops.add(scaled, logitBias!)));
      return ops.scale(ops.reduceSum(terms, [0, 1]), -1 / ops.dims(terms)[0]!);
    },
  },
} satisfies Record<string, Loss>;

export type LossName = keyof typeof LOSSES;
