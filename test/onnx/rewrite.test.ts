// Operations that inlining rewrites, against ONNX Runtime's own kernels for them.

import { Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import {
  encodeModel,
  float,
  GraphBuilder,
  inlineGraph,
  size,
  tensor,
  type AttributeInput,
  type DataType,
} from '#onnx';
import { Random } from '#random';
import { openSession } from '#runtime';

interface Case {
  op: string;
  /** Float inputs; the first is fed, the others are weights. */
  shapes: number[][];
  /** Integer inputs that follow, or `null` where one is left out. */
  integers?: (null | { values: number[]; dims: number[]; type?: DataType })[];
  attributes?: Record<string, AttributeInput>;
  domain?: string;
  opset?: number;
  outputs?: number;
}

const MICROSOFT = 'com.microsoft';
const block = [2, 5, 8];

const CASES: Record<string, Case> = {
  Mish: { op: 'Mish', shapes: [[2, 5]], opset: 18 },
  Elu: { op: 'Elu', shapes: [[2, 5]], attributes: { alpha: float(0.7) } },
  Celu: { op: 'Celu', shapes: [[2, 5]], attributes: { alpha: float(0.7) } },
  Selu: { op: 'Selu', shapes: [[2, 5]] },
  Softsign: { op: 'Softsign', shapes: [[2, 5]] },
  PRelu: { op: 'PRelu', shapes: [[2, 5], [5]] },
  Max: { op: 'Max', shapes: [[2, 5], [5]] },
  Min: { op: 'Min', shapes: [[2, 5], [5]] },
  ReduceL1: { op: 'ReduceL1', shapes: [[2, 3, 4]], attributes: { axes: [1] } },
  'ReduceLogSumExp, axes as input': {
    op: 'ReduceLogSumExp',
    shapes: [[2, 3, 4]],
    integers: [{ values: [-1], dims: [1] }],
    attributes: { keepdims: 0 },
    opset: 18,
  },
  ReduceMin: { op: 'ReduceMin', shapes: [[2, 3, 4]], attributes: { axes: [2], keepdims: 0 } },
  'ReduceMean, axes as input': {
    op: 'ReduceMean',
    shapes: [[2, 3, 4]],
    integers: [{ values: [1, -1], dims: [2] }],
    opset: 18,
  },
  GlobalMaxPool: { op: 'GlobalMaxPool', shapes: [[2, 3, 4, 5]] },
  'LpNormalization, 1': { op: 'LpNormalization', shapes: [[2, 5]], attributes: { p: 1 } },
  LpNormalization: { op: 'LpNormalization', shapes: [[2, 5]] },
  InstanceNormalization: { op: 'InstanceNormalization', shapes: [[2, 3, 4, 5], [3], [3]] },
  'GroupNormalization, one a channel': {
    op: 'GroupNormalization',
    shapes: [[2, 6, 4, 5], [6], [6]],
    attributes: { num_groups: 3 },
    opset: 21,
  },
  'GatherND, from the end': {
    op: 'GatherND',
    shapes: [[3, 4, 2]],
    integers: [{ values: [0, 1, -1, -2], dims: [2, 2] }],
  },
  'Slice with steps': {
    op: 'Slice',
    shapes: [[3, 7]],
    integers: [
      { values: [6, 0], dims: [2] },
      { values: [-100, 3], dims: [2] },
      { values: [1, 0], dims: [2] },
      { values: [-2, 2], dims: [2] },
    ],
  },
  'Gather, consecutive': {
    op: 'Gather',
    shapes: [[3, 7]],
    integers: [{ values: [2, 3, 4], dims: [3] }],
    attributes: { axis: 1 },
  },
  'Split, uneven': {
    op: 'Split',
    shapes: [[2, 7]],
    attributes: { axis: 1, num_outputs: 3 },
    outputs: 3,
    opset: 18,
  },
  Gelu: { op: 'Gelu', shapes: [[2, 5]], opset: 20 },
  'Gelu, tanh': { op: 'Gelu', shapes: [[2, 5]], attributes: { approximate: 'tanh' }, opset: 20 },
  BiasGelu: { op: 'BiasGelu', shapes: [[2, 5], [5]], domain: MICROSOFT },
  'FastGelu with bias': { op: 'FastGelu', shapes: [[2, 5], [5]], domain: MICROSOFT },
  SkipLayerNormalization: {
    op: 'SkipLayerNormalization',
    shapes: [block, block, [8], [8], [8]],
    attributes: { epsilon: float(1e-5) },
    domain: MICROSOFT,
  },
  SkipSimplifiedLayerNormalization: {
    op: 'SkipSimplifiedLayerNormalization',
    shapes: [block, block, [8]],
    attributes: { epsilon: float(1e-5) },
    domain: MICROSOFT,
  },
  SimplifiedLayerNormalization: { op: 'SimplifiedLayerNormalization', shapes: [block, [8]] },
  'FusedMatMul, batches moved': {
    op: 'FusedMatMul',
    shapes: [
      [5, 2, 4],
      [3, 2, 4],
    ],
    attributes: { transBatchA: 1, transBatchB: 1, transB: 1, alpha: float(0.5) },
    domain: MICROSOFT,
  },
  FusedConv: {
    op: 'FusedConv',
    shapes: [[2, 3, 5, 5], [4, 3, 3, 3], [4]],
    attributes: { activation: 'Relu', pads: [1, 1, 1, 1] },
    domain: MICROSOFT,
  },
  FusedGemm: {
    op: 'FusedGemm',
    shapes: [[3, 4], [4, 2], [2]],
    attributes: { activation: 'Sigmoid' },
    domain: MICROSOFT,
  },
  'Attention, masked': {
    op: 'Attention',
    shapes: [block, [8, 24], [24]],
    integers: [{ values: [1, 1, 1, 0, 0, 1, 1, 1, 1, 1], dims: [2, 5], type: 'int32' }],
    attributes: { num_heads: 2 },
    domain: MICROSOFT,
  },
  'Attention, lengths': {
    op: 'Attention',
    shapes: [block, [8, 24], [24]],
    integers: [{ values: [3, 5], dims: [2], type: 'int32' }],
    attributes: { num_heads: 2 },
    domain: MICROSOFT,
  },
  'Attention, causal': {
    op: 'Attention',
    shapes: [block, [8, 24], [24]],
    attributes: { num_heads: 2, unidirectional: 1 },
    domain: MICROSOFT,
  },
  MultiHeadAttention: {
    op: 'MultiHeadAttention',
    shapes: [block, block, block, [24]],
    attributes: { num_heads: 2 },
    domain: MICROSOFT,
  },
};

function file(graph: GraphBuilder['graph'], opset: number): Uint8Array {
  return encodeModel({
    irVersion: 8,
    opsets: new Map([
      ['', opset],
      [MICROSOFT, 1],
    ]),
    producer: 'test',
    graph,
    metadata: new Map(),
  });
}

test.each(Object.entries(CASES))('%s', async (_name, spec) => {
  const { op, shapes, integers = [], attributes = {}, domain = '', outputs = 1 } = spec;
  const random = new Random(3);
  const draw = (dims: number[]) => Array.from({ length: size(dims) }, () => random.normal());
  const original = new GraphBuilder(op);
  const fed = original.input('x', 'float32', shapes[0]!);
  const weights = shapes
    .slice(1)
    .map((dims, index) => original.initializer(`w${index}`, tensor(draw(dims), dims, 'float32')));
  const settings = integers.map((one, index) =>
    one === null
      ? ''
      : original.initializer(`i${index}`, tensor(one.values, one.dims, one.type ?? 'int64')),
  );
  const names = Array.from({ length: outputs }, (_, index) => `y${index}`);
  original.operation(op, [fed, ...weights, ...settings], attributes, { domain, outputs: names });
  names.forEach((name) =>
    original.graph.outputs.push({ name, dataType: 'float32', dims: shapes[0]!.map(String) }),
  );
  // Ranks may change: what the graph declares of its outputs is left open.
  const rewritten = new GraphBuilder(`${op} rewritten`);
  const values = inlineGraph(rewritten, original.graph, {
    prefix: 'r.',
    inputs: { x: shapes[0]! },
    parameters: new Set(),
  });
  for (const name of names) {
    const dims = rewritten.dims(values[name]!);
    rewritten.output(values[name]!, `out.${name}`, 'float32', dims);
    original.graph.outputs.find((output) => output.name === name)!.dims = dims;
  }
  const feeds = { x: new Tensor('float32', Float32Array.from(draw(shapes[0]!)), shapes[0]!) };
  const [theirs, ours] = [
    await openSession(file(original.graph, spec.opset ?? 17), { threads: 1 }),
    await openSession(file(rewritten.graph, 17), { threads: 1 }),
  ];
  const [expected, actual] = [await theirs.run(feeds), await ours.run(feeds)];
  for (const name of names) {
    expect(actual[`out.${name}`]!.dims).toEqual(expected[name]!.dims);
    const [a, b] = [actual[`out.${name}`]!.data, expected[name]!.data] as Float32Array[];
    b!.forEach((value, index) => expect(a![index]!).toBeCloseTo(value, 5));
  }
  await theirs.release();
  await ours.release();
});
