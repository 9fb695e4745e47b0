// Contrast: cross-entropy of anchors over candidates that are right, wrong or neither.

import type { Ops } from '#autodiff';
import type { Value } from '#onnx';

/** Taken off the logits of candidates that take no part: exp of it is 0, and it is no infinity. */
const EXCLUDED = 1e9;

/** Candidates of one kind, [anchors, candidates] each. */
export interface Candidates {
  cosines: Value;
  /** 1 where a candidate is true of an anchor; absent where none is. */
  positives?: Value;
  /** Cosines of the candidates with each anchor's positives, on average; for weights of negatives. */
  likeness?: Value | undefined;
  /** 0 where a candidate is neither positive nor negative, else 1; absent where it is 1. */
  allowed?: Value;
}

export interface ContrastOptions {
  /** β of the weights of negatives; 0: all weigh 1. */
  hardNegatives: number;
  /** Share of the target that is spread over all candidates that take part. */
  labelSmoothing: number;
}

/** x / ‖x‖₂ along the last axis. */
export function normalize(ops: Ops, x: Value): Value {
  return ops.div(x, ops.b.op('ReduceL2', [x], { axes: [-1], keepdims: 1 }));
}

/** 1 where `relation`, numbers from 0, is 0, else 0. */
export function unrelated(ops: Ops, relation: Value): Value {
  return ops.oneMinus(ops.cast(ops.greater(relation, 0.5), relation));
}

/** A matrix of one number. */
export function filled(ops: Ops, value: number, dims: number[]): Value {
  return ops.expand(ops.scalar(value, 'float32'), dims);
}

/** ln Σ exp x along axis 1, shifted by the maximum: WebGPU's own ReduceLogSumExp overflows. */
function logSumExp(ops: Ops, x: Value): Value {
  const maximum = ops.b.op('ReduceMax', [x], { axes: [1], keepdims: 1 });
  const sum = ops.reduceSum(ops.exp(ops.sub(x, maximum)), [1], true);
  return ops.add(ops.b.op('Log', [sum]), maximum);
}

/** Each row of flags scaled to the sum 1. */
export function share(ops: Ops, flags: Value): Value {
  return ops.div(flags, ops.reduceSum(flags, [1], true));
}

/** 0 where `flags` is 1, far below every logit where it is 0. */
function exclusion(ops: Ops, flags: Value): Value {
  return ops.scale(ops.sub(flags, ops.scalar(1, flags)), EXCLUDED);
}

/**
 * ln w of each candidate: for the negatives of an anchor wⱼ = n exp(β lⱼ) / Σₖ exp(β lₖ) over its n
 * negatives, which is 1 on average, and 1 for the others. These are the importance weights of
 * Robinson et al. 2021, "Contrastive Learning with Hard Negative Samples", equation 4, but for what
 * they look at: l is how similar a negative is to the anchor's positive, not to the anchor itself,
 * whose similarity the softmax weighs by already. Gradients go through the weights too.
 */
function logWeights(ops: Ops, likeness: Value, negatives: Value, beta: number): Value {
  const hardness = ops.scale(likeness, beta);
  const total = logSumExp(ops, ops.add(hardness, exclusion(ops, negatives)));
  const count = ops.reduceSum(negatives, [1], true);
  const atLeastOne = ops.b.op('Clip', [count, ops.scalar(1, count)]);
  const weights = ops.add(ops.sub(hardness, total), ops.b.op('Log', [atLeastOne]));
  return ops.mul(weights, negatives);
}

/** Side by side, for the kinds that lack a matrix one filled with `missing`. */
function join(ops: Ops, kinds: Candidates[], key: keyof Candidates, missing: number): Value {
  const parts = kinds.map((kind) => kind[key] ?? filled(ops, missing, ops.dims(kind.cosines)));
  return parts.length === 1 ? parts[0]! : ops.b.op('Concat', parts, { axis: 1 });
}

/**
 * −1/A Σᵢ Σⱼ tᵢⱼ ln( wᵢⱼ exp(s cosᵢⱼ) / Σₖ wᵢₖ exp(s cosᵢₖ) ), the mean over A anchors i of the
 * cross-entropy over the candidates that are allowed. The target t is equal over an anchor's positives
 * (Khosla et al. 2020, "Supervised Contrastive Learning"); label smoothing ε (Szegedy et al. 2016)
 * takes that share of it and spreads it over all. w: see logWeights.
 * @param scale s, a scalar
 * @returns a scalar
 */
export function contrast(
  ops: Ops,
  kinds: Candidates[],
  scale: Value,
  { hardNegatives, labelSmoothing }: ContrastOptions,
): Value {
  const cosines = join(ops, kinds, 'cosines', 0);
  const positives = join(ops, kinds, 'positives', 0);
  const masked = kinds.some(({ allowed }) => allowed !== undefined);
  const allowed = join(ops, kinds, 'allowed', 1);

  let logits = ops.mul(cosines, scale);
  if (hardNegatives > 0) {
    const negatives = ops.sub(allowed, positives);
    const likeness = join(ops, kinds, 'likeness', 0);
    logits = ops.add(logits, logWeights(ops, likeness, negatives, hardNegatives));
  }
  if (masked) logits = ops.add(logits, exclusion(ops, allowed));

  let targets = share(ops, positives);
  if (labelSmoothing > 0) {
    targets = ops.add(
      ops.scale(targets, 1 - labelSmoothing),
      ops.scale(share(ops, allowed), labelSmoothing),
    );
  }
  const log = ops.sub(logits, logSumExp(ops, logits));
  const matched = ops.reduceSum(ops.mul(targets, log), [0, 1]);
  return ops.scale(matched, -1 / ops.dims(logits)[0]!);
}
