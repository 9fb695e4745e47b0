// AdamW with clipping by global norm, as a graph from gradients to new weights and moments.

import { Ops } from '#autodiff';
import { toModelFile, GraphBuilder, type Value } from '#onnx';
import type { Device } from '#runtime';
import type { AdamWOptions } from './optimizer';
import type { Parameter } from '../tower/parameters';

/** Global L2 norm over all gradients. */
function globalNorm(ops: Ops, gradients: Value[]): Value {
  const squares = gradients.map((gradient) =>
    ops.b.op('ReduceSumSquare', [gradient], { keepdims: 0 }),
  );
  return ops.b.op('Sqrt', [ops.sum(squares)]);
}

/** min(1, clip / norm) */
function clipFactor(ops: Ops, norm: Value, clip: number): Value {
  const ratio = ops.div(ops.scalar(clip, norm), ops.add(norm, ops.scalar(1e-6, norm)));
  return ops.b.op('Clip', [ratio, '', ops.scalar(1, ratio)]);
}

/**
 * AdamW (Loshchilov & Hutter 2019), one update of every parameter. Inputs, for each parameter X:
 * `X`, `gradient.X`, `moment1.X`, `moment2.X`; and the scalars `learning_rate`, `correction1` =
 * 1 − β₁ᵗ and `correction2` = 1 − β₂ᵗ. Outputs: `next.X`, `next.moment1.X`, `next.moment2.X`, and
 * `gradient_norm` before clipping.
 */
export function buildOptimizerGraph(
  parameters: Parameter[],
  options: AdamWOptions,
  device: Device,
): Uint8Array {
  const b = new GraphBuilder('adamw');
  const ops = new Ops(b, device !== 'webgpu');
  const rate = b.input('learning_rate', 'float32', []);
  const correction1 = b.input('correction1', 'float32', []);
  const correction2 = b.input('correction2', 'float32', []);
  const gradients = parameters.map(({ name, dims }) =>
    b.input(`gradient.${name}`, 'float32', dims),
  );
  const norm = globalNorm(ops, gradients);
  const factor = clipFactor(ops, norm, options.clipNorm);

  parameters.forEach(({ name, dims, decay, rate: ownRate, bounds }, index) => {
    const eta = ops.scale(rate, ownRate);
    const weight = b.input(name, 'float32', dims);
    const moment1 = b.input(`moment1.${name}`, 'float32', dims);
    const moment2 = b.input(`moment2.${name}`, 'float32', dims);
    const gradient = ops.mul(gradients[index]!, factor);
    const blend = (moment: Value, value: Value, beta: number) =>
      ops.add(ops.scale(moment, beta), ops.scale(value, 1 - beta));
    // m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²
    const next1 = blend(moment1, gradient, options.beta1);
    const next2 = blend(moment2, ops.mul(gradient, gradient), options.beta2);
    // w ← (1 − η λ) w − η (m / c₁) / (√(v / c₂) + ε)
    const deviation = ops.add(
      b.op('Sqrt', [ops.div(next2, correction2)]),
      ops.scalar(options.epsilon, weight),
    );
    const update = ops.mul(eta, ops.div(ops.div(next1, correction1), deviation));
    const kept = ops.oneMinus(ops.scale(eta, options.weightDecay));
    const stepped = ops.sub(decay ? ops.mul(weight, kept) : weight, update);
    const next = bounds
      ? b.op('Clip', [stepped, ops.scalar(bounds[0], stepped), ops.scalar(bounds[1], stepped)])
      : stepped;
    b.output(next, `next.${name}`, 'float32', dims);
    b.output(next1, `next.moment1.${name}`, 'float32', dims);
    b.output(next2, `next.moment2.${name}`, 'float32', dims);
  });
  b.output(norm, 'gradient_norm', 'float32', []);
  return toModelFile(b.graph);
}
