// SigLIP's loss: every pair of picture and text is judged alone.

import type { Ops } from '#autodiff';
import type { Value } from '#onnx';
import { LOGIT_BIAS, LOGIT_SCALE } from '../tower/parameters';
import { normalize } from './contrast';
import type { Term } from './term';

/** ln σ(x) = −(max(−x, 0) + ln(1 + exp(−|x|))), which neither over- nor underflows. */
function logSigmoid(ops: Ops, x: Value): Value {
  const tail = ops.exp(ops.neg(ops.b.op('Abs', [x])));
  const log = ops.b.op('Log', [ops.add(tail, ops.scalar(1, x))]);
  return ops.neg(ops.add(ops.b.op('Relu', [ops.neg(x)]), log));
}

/**
 * Sigmoid loss (Zhai et al. 2023, "Sigmoid Loss for Language Image Pre-Training"):
 * −1/B Σᵢⱼ ln σ(zᵢⱼ (s · cosᵢⱼ + b)) over B pictures, z = 1 for every true caption of a picture, also
 * one that another picture brought into the batch, and −1 for the rest.
 */
export const siglip: Term = {
  head: () => [LOGIT_SCALE, LOGIT_BIAS],
  inputs: { positives: ({ images, texts }) => [images, texts] },
  build(ops, { image, text }, { logit_scale: scale, logit_bias: bias, positives }) {
    const cosines = ops.matmul(normalize(ops, image), normalize(ops, text!), { transB: true });
    const scaled = ops.mul(cosines, ops.exp(scale!));
    const signs = ops.sub(ops.scale(positives!, 2), ops.scalar(1, positives!));
    const terms = logSigmoid(ops, ops.mul(signs, ops.add(scaled, bias!)));
    return ops.scale(ops.reduceSum(terms, [0, 1]), -1 / ops.dims(terms)[0]!);
  },
};
