// The transformer encoder that both CLIP towers share, as ONNX with dynamic batch and length.

import type { GraphBuilder, Value } from '#onnx';
import type { Random } from '#random';
import type { TowerConfig } from './config';
import { layerNorm, linear } from './layers';

function activation(b: GraphBuilder, kind: TowerConfig['hidden_act'], x: Value): Value {
  if (kind === 'quick_gelu') {
    // x · σ(1.702 x)
    return b.op('Mul', [x, b.op('Sigmoid', [b.op('Mul', [x, b.scalar(1.702)])])]);
  }
  // x · (1 + erf(x / √2)) / 2
  const erf = b.op('Erf', [b.op('Mul', [x, b.scalar(Math.SQRT1_2)])]);
  return b.op('Mul', [b.op('Mul', [x, b.scalar(0.5)]), b.op('Add', [erf, b.scalar(1)])]);
}

/** Multi-head self-attention over x [batch, length, width]; `mask` is added to the scores. */
function selfAttention(
  b: GraphBuilder,
  random: Random,
  name: string,
  x: Value,
  config: TowerConfig,
  mask: Value | undefined,
): Value {
  const { hidden_size: width, num_attention_heads: heads, num_hidden_layers: layers } = config;
  const joined = linear(b, random, `${name}.in_proj`, x, [width, 3 * width], width ** -0.5);
  const parts = b.operation(
    'Split',
    [joined, b.ints([width, width, width])],
    { axis: -1 },
    {
      outputs: 3,
    },
  );
  const apart = b.ints([0, 0, heads, width / heads]);
  const split = (value: Value, perm: number[]) =>
    b.op('Transpose', [b.op('Reshape', [value, apart])], { perm });
  const scaled = b.op('Mul', [parts[0]!, b.scalar((width / heads) ** -0.5)]);
  const query = split(scaled, [0, 2, 1, 3]);
  const key = split(parts[1]!, [0, 2, 3, 1]);
  const value = split(parts[2]!, [0, 2, 1, 3]);
  const scores = b.op('MatMul', [query, key]);
  const masked = mask === undefined ? scores : b.op('Add', [scores, mask]);
  const mixed = b.op('MatMul', [b.op('Softmax', [masked], { axis: -1 }), value]);
  const together = b.op('Reshape', [
    b.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }),
    b.ints([0, 0, width]),
  ]);
  const deviation = width ** -0.5 * (2 * layers) ** -0.5;
  return linear(b, random, `${name}.out_proj`, together, [width, width], deviation);
}

/**
 * Pre-norm transformer blocks over x [batch, length, width], weights named as Hugging Face names
 * them under `prefix`. Query, key and value share one matrix, `in_proj`.
 */
export function transformer(
  b: GraphBuilder,
  random: Random,
  prefix: string,
  x: Value,
  config: TowerConfig,
  mask?: Value,
): Value {
  const { hidden_size: width, intermediate_size: inner, num_hidden_layers: layers } = config;
  let hidden = x;
  for (let layer = 0; layer < layers; layer++) {
    const name = `${prefix}.encoder.layers.${layer}`;
    const first = layerNorm(b, `${name}.layer_norm1`, hidden, width, config.layer_norm_eps);
    const attended = selfAttention(b, random, `${name}.self_attn`, first, config, mask);
    hidden = b.op('Add', [hidden, attended]);
    const second = layerNorm(b, `${name}.layer_norm2`, hidden, width, config.layer_norm_eps);
    const wide = linear(b, random, `${name}.mlp.fc1`, second, [width, inner], (2 * width) ** -0.5);
    const narrow = linear(
      b,
      random,
      `${name}.mlp.fc2`,
      activation(b, config.hidden_act, wide),
      [inner, width],
      width ** -0.5 * (2 * layers) ** -0.5,
    );
    hidden = b.op('Add', [hidden, narrow]);
  }
  return hidden;
}
