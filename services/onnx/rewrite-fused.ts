// ONNX Runtime's fused operations (domain com.microsoft) taken apart again.

import { numberAttribute, numbersAttribute, stringAttribute } from './attributes';
import { float, type GraphBuilder, type Value } from './builder';
import type { Rewrite } from './rewrite';
import { arithmetic } from './rewrite-compose';
import type { Node } from './types';

const FUSED = 'com.microsoft';

/** Adds those of the values that are there. */
function sum(b: GraphBuilder, ...values: (Value | undefined)[]): Value {
  const there = values.filter((value): value is Value => value !== undefined && value !== '');
  return there.reduce((x, y) => b.op('Add', [x, y]));
}

function layerNorm(b: GraphBuilder, node: Node, x: Value, weight: Value, bias?: Value): Value {
  const epsilon = float(numberAttribute(node, 'epsilon', 1e-12));
  const inputs = bias ? [x, weight, bias] : [x, weight];
  return b.op('LayerNormalization', inputs, { axis: -1, epsilon });
}

/** [batch, length, heads · width] as [batch, heads, length, width] */
function splitHeads(b: GraphBuilder, x: Value, heads: number): Value {
  const [batch, length, width] = b.dims(x) as [number, number, number];
  const apart = b.op('Reshape', [x, b.ints([batch, length, heads, width / heads])]);
  return b.op('Transpose', [apart], { perm: [0, 2, 1, 3] });
}

/** [batch, heads, length, width] as [batch, length, heads · width] */
function joinHeads(b: GraphBuilder, x: Value): Value {
  const [batch, heads, length, width] = b.dims(x) as [number, number, number, number];
  const turned = b.op('Transpose', [x], { perm: [0, 2, 1, 3] });
  return b.op('Reshape', [turned, b.ints([batch, length, heads * width])]);
}

/** What is added to the scores: `low` where a mask of ones and zeros (of any integer type) is zero. */
function maskBias(b: GraphBuilder, mask: Value, dims: number[], low: number, like: Value): Value {
  const seen = b.op('Cast', [b.op('Reshape', [mask, b.ints(dims)])], { to: 1 });
  const { mul, sub } = arithmetic(b, like);
  return mul(sub(1, seen), low);
}

/**
 * The mask of an Attention node, of which ONNX Runtime knows several forms: one row of zeros and
 * ones a text, one a query, or the number of tokens of each text.
 */
function attentionMask(b: GraphBuilder, node: Node, mask: Value, like: Value): Value {
  const low = numberAttribute(node, 'mask_filter_value', -10000);
  const dims = b.dims(mask);
  const [batch, , , keys] = b.dims(like) as [number, number, number, number];
  if (dims.length === 2) return maskBias(b, mask, [batch, 1, 1, keys], low, like);
  if (dims.length === 3) return maskBias(b, mask, [dims[0]!, 1, dims[1]!, dims[2]!], low, like);
  if (dims.length !== 1 || dims[0] !== batch) throw unknown(node, `a mask of shape [${dims}]`);
  const positions = Array.from({ length: keys }, (_, index) => index);
  const lengths = b.op('Reshape', [b.op('Cast', [mask], { to: 7 }), b.ints([batch, 1, 1, 1])]);
  const seen = b.op('Less', [b.ints(positions), lengths]);
  return b.op('Where', [seen, b.scalar(0, like), b.scalar(low, like)]);
}

/** What hides the later positions from each. */
function causalMask(b: GraphBuilder, scores: Value): Value {
  const [queries, keys] = b.dims(scores).slice(-2) as [number, number];
  const data = new Float32Array(queries * keys);
  for (let row = 0; row < queries; row++) {
    data.fill(-3.4028234663852886e38, row * keys + row + 1, (row + 1) * keys);
  }
  return b.constant({ dataType: 'float32', dims: [queries, keys], data });
}

/** softmax(scale · Q Kᵀ + mask) V over [batch, heads, length, width] (Vaswani et al. 2017) */
function attend(
  b: GraphBuilder,
  node: Node,
  [q, k, v]: [Value, Value, Value],
  { mask, bias, causal }: { mask?: Value | undefined; bias?: Value | undefined; causal: boolean },
): Value {
  const width = b.dims(q).at(-1)!;
  const scale = numberAttribute(node, 'scale', 0) || 1 / Math.sqrt(width);
  const { mul } = arithmetic(b, q);
  const raw = b.op('MatMul', [mul(q, scale), b.op('Transpose', [k], { perm: [0, 1, 3, 2] })]);
  const scores = sum(
    b,
    raw,
    mask && attentionMask(b, node, mask, raw),
    bias,
    causal ? causalMask(b, raw) : undefined,
  );
  return joinHeads(b, b.op('MatMul', [b.op('Softmax', [scores], { axis: -1 }), v]));
}

function unknown(node: Node, what: string): Error {
  return new Error(`node "${node.name}" (${node.op}): ${what} is not handled`);
}

/** Refuses a node that uses inputs which the rewriting does not know. */
function refuse(node: Node, indices: number[], what: string): void {
  if (indices.some((index) => node.inputs[index])) throw unknown(node, what);
}

/** An activation that was fused into what comes before it. */
function activation(b: GraphBuilder, node: Node, x: Value): Value {
  const name = stringAttribute(node, 'activation', '');
  const [alpha, beta] = numbersAttribute(node, 'activation_params') ?? [];
  if (name === '') return x;
  if (name === 'Clip') return b.op('Clip', [x, b.scalar(alpha!, x), b.scalar(beta!, x)]);
  return b.op(name, [x], {
    ...(alpha === undefined ? {} : { alpha: float(alpha) }),
    ...(beta === undefined ? {} : { beta: float(beta) }),
  });
}

/** The node without its activation, as ONNX's own operation. */
function unfused(b: GraphBuilder, node: Node, op: string, inputs: Value[]): Value {
  const attributes = Object.fromEntries(
    Object.entries(node.attributes).filter(([name]) => !name.startsWith('activation')),
  );
  return b.op(op, inputs, attributes);
}

function thirds(width: number): number[] {
  return [width / 3, width / 3, width / 3];
}

export const fusedCompositions: Record<string, Rewrite> = {
  // LayerNorm(input + skip + bias); the sum itself is the fourth output
  SkipLayerNormalization: (b, node) => {
    const [input, skip, weight, bias, extra] = node.inputs as [Value, Value, Value, Value?, Value?];
    const total = sum(b, input, skip, extra);
    const norm = layerNorm(b, node, total, weight, bias || undefined);
    return [norm, '', '', total];
  },
  // The same with the root mean square in place of mean and variance
  SkipSimplifiedLayerNormalization: (b, node) => {
    const [input, skip, weight, extra] = node.inputs as [Value, Value, Value, Value?];
    const total = sum(b, input, skip, extra);
    const { mul, add, div, unary, mean } = arithmetic(b, total);
    const power = mean(mul(total, total), [-1]);
    const root = unary('Sqrt', add(power, numberAttribute(node, 'epsilon', 1e-5)));
    return [mul(div(total, root), weight), '', '', total];
  },
  // Words, positions and segments looked up, added and normalised; the sum is the third output
  EmbedLayerNormalization: (b, node) => {
    const [ids, segments, words, places, segmentTable, weight, bias, mask, positions] = node.inputs;
    const [batch, length] = b.dims(ids!) as [number, number];
    const place = positions
      ? b.op('Gather', [places!, positions], { axis: 0 })
      : b.op('Slice', [places!, b.ints([0]), b.ints([length]), b.ints([0])]);
    const total = sum(
      b,
      b.op('Gather', [words!, ids!], { axis: 0 }),
      place,
      segments && b.op('Gather', [segmentTable!, segments], { axis: 0 }),
    );
    const tokens = mask
      ? b.op('ReduceSum', [mask, b.ints([1])], { keepdims: 0 })
      : b.constant({ dataType: 'int32', dims: [batch], data: new Int32Array(batch) });
    return [layerNorm(b, node, total, weight!, bias), tokens, total];
  },
  BiasGelu: (b, node) => [b.op('Gelu', [sum(b, ...node.inputs)], {}, FUSED)],
  FastGelu: (b, node) => {
    if (!node.inputs[1]) return undefined;
    return [b.op('FastGelu', [sum(b, ...node.inputs)], {}, FUSED)];
  },
  // The first axis of an operand moved between its batch and its matrix, where the node says so
  FusedMatMul: (b, node) => {
    const moved = ['transBatchA', 'transBatchB'].map(
      (name) => numberAttribute(node, name, 0) === 1,
    );
    if (!moved.includes(true)) return undefined;
    const inputs = node.inputs.map((x, index) => {
      const axes = b.dims(x).map((_, axis) => axis);
      const perm = [...axes.slice(1, -1), 0, axes.length - 1];
      return moved[index] ? b.op('Transpose', [x], { perm }) : x;
    });
    const kept = Object.entries(node.attributes).filter(([name]) => !name.startsWith('transBatch'));
    return [b.op('FusedMatMul', inputs, Object.fromEntries(kept), FUSED)];
  },
  FusedGemm: (b, node) => [activation(b, node, unfused(b, node, 'Gemm', node.inputs))],
  FusedConv: (b, node) => {
    const product = unfused(b, node, 'Conv', node.inputs.slice(0, 3).filter(Boolean));
    return [activation(b, node, sum(b, product, node.inputs[3]))];
  },
  // One product with the joined weights of queries, keys and values, [width, 3 · width]
  Attention: (b, node) => {
    if (node.domain !== FUSED) throw unknown(node, 'ONNX’s own Attention');
    const [x, weight, bias, mask, , extra] = node.inputs as [
      Value,
      Value,
      ...(Value | undefined)[],
    ];
    refuse(node, [4, 6], 'a cache of past keys');
    const heads = numberAttribute(node, 'num_heads', 1);
    const joined = sum(b, b.op('MatMul', [x, weight]), bias);
    const sizes = numbersAttribute(node, 'qkv_hidden_sizes') ?? thirds(b.dims(joined).at(-1)!);
    const parts = b
      .operation('Split', [joined, b.ints(sizes)], { axis: -1 }, { outputs: 3 })
      .map((part) => splitHeads(b, part, heads)) as [Value, Value, Value];
    const causal = numberAttribute(node, 'unidirectional', 0) === 1;
    return [attend(b, node, parts, { mask: mask || undefined, bias: extra || undefined, causal })];
  },
  MultiHeadAttention: (b, node) => {
    const [query, key, value, bias, mask, extra] = node.inputs as [Value, ...(Value | undefined)[]];
    refuse(node, [6, 7], 'a cache of past keys');
    if (!key || !value || b.dims(query).length !== 3 || b.dims(key).length !== 3) {
      throw unknown(node, 'packed queries, keys and values');
    }
    const heads = numberAttribute(node, 'num_heads', 1);
    const biases = bias
      ? b.operation(
          'Split',
          [bias, b.ints([query, key, value].map((x) => b.dims(x).at(-1)!))],
          { axis: 0 },
          { outputs: 3 },
        )
      : [];
    const parts = [query, key, value].map((x, index) =>
      splitHeads(b, sum(b, x, biases[index]), heads),
    ) as [Value, Value, Value];
    const causal = numberAttribute(node, 'unidirectional', 0) === 1;
    return [attend(b, node, parts, { mask: mask || undefined, bias: extra || undefined, causal })];
  },
};
