// Every gradient rule against central differences in float64, one line an operation.

import { Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { differentiate, RULES } from '#autodiff';
import { encodeModel, float, GraphBuilder, size, tensor, type AttributeInput } from '#onnx';
import { openSession } from '#runtime';
import { Random } from '#random';

interface Constant {
  values: number[];
  dims: number[];
  type?: 'int64' | 'float64' | 'bool';
}

interface Case {
  op: string;
  /** Shapes of the inputs that are varied. */
  inputs: number[][];
  /** Constant inputs that follow them. */
  constants?: (Constant | 'absent')[];
  /** Whether the constants stand before the varied inputs (Where's condition). */
  constantsFirst?: boolean;
  attributes?: Record<string, AttributeInput>;
  outputs?: number;
  domain?: string;
  opset?: number;
  /** Bounds of the random inputs, away from poles and kinks. */
  range?: [number, number];
  /** Kernels that ONNX Runtime has for float32 only are compared at float32's precision. */
  single?: boolean;
}

const ints = (...values: number[]) => ({ values, dims: [values.length], type: 'int64' as const });

const CASES: Record<string, Case> = {
  Add: {
    op: 'Add',
    inputs: [
      [2, 3],
      [2, 3],
    ],
  },
  'Add, broadcast': {
    op: 'Add',
    inputs: [
      [2, 3, 4],
      [3, 1],
    ],
  },
  Sub: { op: 'Sub', inputs: [[2, 3], [3]] },
  Mul: {
    op: 'Mul',
    inputs: [
      [2, 3],
      [1, 3],
    ],
  },
  Div: {
    op: 'Div',
    inputs: [
      [2, 3],
      [2, 1],
    ],
    range: [0.5, 2],
  },
  'Pow, square': { op: 'Pow', inputs: [[2, 3]], constants: [{ values: [2], dims: [] }] },
  'Pow, root': {
    op: 'Pow',
    inputs: [[2, 3]],
    constants: [{ values: [0.5], dims: [] }],
    range: [0.5, 2],
  },
  Neg: { op: 'Neg', inputs: [[2, 3]] },
  Abs: { op: 'Abs', inputs: [[2, 3]] },
  Exp: { op: 'Exp', inputs: [[2, 3]] },
  Log: { op: 'Log', inputs: [[2, 3]], range: [0.5, 2] },
  Sqrt: { op: 'Sqrt', inputs: [[2, 3]], range: [0.5, 2] },
  Reciprocal: { op: 'Reciprocal', inputs: [[2, 3]], range: [0.5, 2] },
  Where: {
    op: 'Where',
    inputs: [[2, 3], [3]],
    constants: [{ values: [1, 0, 1, 0, 0, 1], dims: [2, 3], type: 'bool' }],
    constantsFirst: true,
  },
  Sum: { op: 'Sum', inputs: [[2, 3], [3], [2, 1]] },
  Identity: { op: 'Identity', inputs: [[2, 3]] },
  Cast: { op: 'Cast', inputs: [[2, 3]], attributes: { to: 11 } },
  Sigmoid: { op: 'Sigmoid', inputs: [[2, 3]] },
  Tanh: { op: 'Tanh', inputs: [[2, 3]] },
  Erf: { op: 'Erf', inputs: [[2, 3]], single: true },
  Relu: { op: 'Relu', inputs: [[2, 5]] },
  Softmax: { op: 'Softmax', inputs: [[2, 3, 4]], attributes: { axis: -1 } },
  'Softmax, inner axis': { op: 'Softmax', inputs: [[2, 3, 4]], attributes: { axis: 1 } },
  LogSoftmax: { op: 'LogSoftmax', inputs: [[2, 4]], attributes: { axis: -1 } },
  ReduceSum: {
    op: 'ReduceSum',
    inputs: [[2, 3, 4]],
    constants: [ints(1)],
    attributes: { keepdims: 0 },
  },
  'ReduceSum, all': { op: 'ReduceSum', inputs: [[2, 3]] },
  ReduceMean: { op: 'ReduceMean', inputs: [[2, 3, 4]], attributes: { axes: [-1], keepdims: 1 } },
  ReduceSumSquare: { op: 'ReduceSumSquare', inputs: [[2, 3]], attributes: { axes: [1] } },
  ReduceL2: {
    op: 'ReduceL2',
    inputs: [[2, 3]],
    attributes: { axes: [-1], keepdims: 0 },
    single: true,
  },
  ReduceMax: { op: 'ReduceMax', inputs: [[3, 4]], attributes: { axes: [1], keepdims: 0 } },
  LayerNormalization: {
    op: 'LayerNormalization',
    inputs: [[2, 3, 8], [8], [8]],
    attributes: { axis: -1, epsilon: float(1e-5) },
    single: true,
  },
  'LayerNormalization, no bias': { op: 'LayerNormalization', inputs: [[4, 6], [6]], single: true },
  Reshape: { op: 'Reshape', inputs: [[2, 6]], constants: [ints(0, 3, -1)] },
  Flatten: { op: 'Flatten', inputs: [[2, 3, 2]], attributes: { axis: 1 } },
  Squeeze: { op: 'Squeeze', inputs: [[2, 1, 3]], constants: [ints(1)] },
  Unsqueeze: { op: 'Unsqueeze', inputs: [[2, 3]], constants: [ints(0, 2)] },
  Expand: { op: 'Expand', inputs: [[3, 1]], constants: [ints(2, 3, 4)] },
  Transpose: { op: 'Transpose', inputs: [[2, 3, 4]], attributes: { perm: [2, 0, 1] } },
  'Transpose, reversed': { op: 'Transpose', inputs: [[2, 3]] },
  Concat: {
    op: 'Concat',
    inputs: [
      [2, 3],
      [2, 1],
      [2, 2],
    ],
    attributes: { axis: -1 },
  },
  Split: {
    op: 'Split',
    inputs: [[2, 6]],
    constants: [ints(1, 2, 3)],
    attributes: { axis: 1 },
    outputs: 3,
  },
  Slice: {
    op: 'Slice',
    inputs: [[4, 5]],
    constants: [ints(1, -3), ints(3, 1000), ints(0, 1)],
  },
  'Gather, one': {
    op: 'Gather',
    inputs: [[2, 4, 3]],
    constants: [{ values: [-2], dims: [], type: 'int64' }],
    attributes: { axis: 1 },
  },
  'Gather, rows': {
    op: 'Gather',
    inputs: [[5, 3]],
    constants: [{ values: [4, 0, 4, 2, 1, 4], dims: [2, 3], type: 'int64' }],
  },
  MatMul: {
    op: 'MatMul',
    inputs: [
      [3, 4],
      [4, 2],
    ],
  },
  'MatMul, weight': {
    op: 'MatMul',
    inputs: [
      [2, 3, 4],
      [4, 5],
    ],
  },
  'MatMul, batched': {
    op: 'MatMul',
    inputs: [
      [2, 2, 3, 4],
      [2, 2, 4, 5],
    ],
  },
  'MatMul, broadcast batch': {
    op: 'MatMul',
    inputs: [
      [3, 4],
      [2, 4, 5],
    ],
  },
  Gemm: {
    op: 'Gemm',
    inputs: [[3, 4], [4, 2], [2]],
    attributes: { alpha: float(0.5), beta: float(2) },
  },
  'Gemm, A transposed': {
    op: 'Gemm',
    inputs: [
      [4, 3],
      [4, 2],
    ],
    attributes: { transA: 1 },
  },
  'Gemm, B transposed': {
    op: 'Gemm',
    inputs: [
      [3, 4],
      [2, 4],
    ],
    attributes: { transB: 1 },
  },
  'Gemm, both transposed': {
    op: 'Gemm',
    inputs: [
      [4, 3],
      [2, 4],
    ],
    attributes: { transA: 1, transB: 1 },
  },
  FusedMatMul: {
    op: 'FusedMatMul',
    inputs: [
      [2, 4, 3],
      [2, 5, 4],
    ],
    attributes: { transA: 1, transB: 1, alpha: float(0.5) },
    domain: 'com.microsoft',
    single: true,
  },
  Einsum: {
    op: 'Einsum',
    inputs: [
      [2, 3, 4],
      [2, 5, 4],
    ],
    attributes: { equation: 'bid,bjd->bij' },
  },
  LeakyRelu: { op: 'LeakyRelu', inputs: [[2, 5]], attributes: { alpha: float(0.2) }, single: true },
  Softplus: { op: 'Softplus', inputs: [[2, 5]], single: true },
  Clip: {
    op: 'Clip',
    inputs: [[3, 5]],
    constants: [
      { values: [-0.7], dims: [] },
      { values: [0.8], dims: [] },
    ],
  },
  'Clip, above only': {
    op: 'Clip',
    inputs: [[3, 5]],
    constants: ['absent', { values: [0.8], dims: [] }],
  },
  HardSigmoid: { op: 'HardSigmoid', inputs: [[3, 5]], range: [-4, 4], single: true },
  HardSwish: { op: 'HardSwish', inputs: [[3, 5]], range: [-5, 5], single: true },
  QuickGelu: {
    op: 'QuickGelu',
    inputs: [[2, 5]],
    attributes: { alpha: float(1.702) },
    domain: 'com.microsoft',
    single: true,
  },
  Gelu: { op: 'Gelu', inputs: [[2, 5]], opset: 20, single: true },
  'Gelu, tanh': {
    op: 'Gelu',
    inputs: [[2, 5]],
    attributes: { approximate: 'tanh' },
    opset: 20,
    single: true,
  },
  FastGelu: {
    op: 'FastGelu',
    inputs: [[2, 5]],
    domain: 'com.microsoft',
    single: true,
  },
  Sin: { op: 'Sin', inputs: [[2, 3]] },
  Cos: { op: 'Cos', inputs: [[2, 3]], single: true },
  Tile: { op: 'Tile', inputs: [[2, 3]], constants: [ints(3, 2)] },
  Pad: { op: 'Pad', inputs: [[2, 3]], constants: [ints(1, 0, 0, 2)] },
  GatherElements: {
    op: 'GatherElements',
    inputs: [[3, 4]],
    constants: [{ values: [2, 0, 0, 1, 2, 2], dims: [2, 3], type: 'int64' }],
    attributes: { axis: 0 },
  },
  'Gather, columns': {
    op: 'Gather',
    inputs: [[2, 5, 3]],
    constants: [{ values: [4, 0, 4, 2], dims: [2, 2], type: 'int64' }],
    attributes: { axis: 1 },
  },
  BatchNormalization: {
    op: 'BatchNormalization',
    inputs: [[2, 3, 2, 2], [3], [3]],
    constants: [
      { values: [0.1, -0.2, 0.3], dims: [3] },
      { values: [0.5, 1, 2], dims: [3] },
    ],
    single: true,
  },
  GlobalAveragePool: { op: 'GlobalAveragePool', inputs: [[2, 3, 3, 4]], single: true },
  AveragePool: {
    op: 'AveragePool',
    inputs: [[2, 3, 5, 6]],
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
    single: true,
  },
  'AveragePool, padded': {
    op: 'AveragePool',
    inputs: [[2, 3, 5, 6]],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
    single: true,
  },
  'AveragePool, padding counted, rounded up': {
    op: 'AveragePool',
    inputs: [[2, 2, 6, 5]],
    attributes: {
      kernel_shape: [3, 2],
      strides: [2, 2],
      pads: [1, 0, 1, 0],
      count_include_pad: 1,
      ceil_mode: 1,
    },
    opset: 19,
    single: true,
  },
  MaxPool: {
    op: 'MaxPool',
    inputs: [[2, 2, 4, 5]],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
    range: [-30, 30],
    single: true,
  },
  'Conv, 3 × 3': {
    op: 'Conv',
    inputs: [[2, 3, 5, 6], [4, 3, 3, 3], [4]],
    attributes: { pads: [1, 1, 1, 1] },
    single: true,
  },
  'Conv, strided': {
    op: 'Conv',
    inputs: [
      [2, 3, 6, 7],
      [4, 3, 3, 3],
    ],
    attributes: { pads: [1, 1, 1, 1], strides: [2, 2] },
    single: true,
  },
  'Conv, 1 × 1': {
    op: 'Conv',
    inputs: [
      [2, 3, 4, 4],
      [5, 3, 1, 1],
    ],
    single: true,
  },
  'Conv, depthwise': {
    op: 'Conv',
    inputs: [[2, 4, 6, 6], [4, 1, 3, 3], [4]],
    attributes: { group: 4, pads: [1, 1, 1, 1], strides: [2, 2] },
    single: true,
  },
  'Conv, grouped': {
    op: 'Conv',
    inputs: [
      [2, 4, 6, 5],
      [6, 2, 3, 3],
    ],
    attributes: { group: 2, pads: [1, 1, 1, 1], strides: [2, 1] },
    single: true,
  },
  'Conv, dilated': {
    op: 'Conv',
    inputs: [
      [1, 2, 7, 7],
      [3, 2, 3, 3],
    ],
    attributes: { dilations: [2, 2], pads: [2, 2, 2, 2] },
    single: true,
  },
  'Conv, more filters than pixels': {
    op: 'Conv',
    inputs: [[2, 3, 5, 4], [14, 3, 3, 3], [14]],
    attributes: { pads: [1, 1, 1, 0], strides: [2, 2] },
    single: true,
  },
  'Conv, more filters than pixels, dilated': {
    op: 'Conv',
    inputs: [
      [2, 2, 6, 5],
      [14, 2, 3, 2],
    ],
    attributes: { dilations: [2, 3] },
    single: true,
  },
  'Conv, automatic padding': {
    op: 'Conv',
    inputs: [
      [1, 2, 7, 6],
      [3, 2, 3, 3],
    ],
    attributes: { strides: [2, 2], auto_pad: 'SAME_UPPER' },
    single: true,
  },
  'Conv, patches': {
    op: 'Conv',
    inputs: [
      [2, 3, 4, 6],
      [5, 3, 2, 2],
    ],
    attributes: { strides: [2, 2], kernel_shape: [2, 2] },
    single: true,
  },
};

function build({ op, inputs, constants = [], attributes, outputs, ...rest }: Case) {
  const type = rest.single ? 'float32' : 'float64';
  const b = new GraphBuilder(op);
  const varied = inputs.map((dims, index) => b.input(`x${index}`, type, dims));
  const fixed = constants.map((c) =>
    c === 'absent' ? '' : b.initializer(b.fresh('c'), tensor(c.values, c.dims, c.type ?? type)),
  );
  const args = rest.constantsFirst ? [...fixed, ...varied] : [...varied, ...fixed];
  const results = b.operation(op, args, attributes, {
    outputs: outputs ?? 1,
    domain: rest.domain ?? '',
  });
  return { b, type, varied, results } as const;
}

async function run(b: GraphBuilder, feeds: Record<string, Tensor>, opset = 17) {
  const model = {
    irVersion: 8,
    opsets: new Map([
      ['', opset],
      ['com.microsoft', 1],
    ]),
    producer: 'test',
    graph: b.graph,
    metadata: new Map<string, string>(),
  };
  const session = await openSession(encodeModel(model), { threads: 1 });
  return { session, results: await session.run(feeds) };
}

describe('gradient rules against central differences', () => {
  test('every rule has a case', () => {
    const covered = new Set(Object.values(CASES).map(({ op }) => op));
    expect(Object.keys(RULES).filter((op) => !covered.has(op))).toEqual([]);
  });

  test.each(Object.keys(CASES))('%s', async (name) => {
    const spec = CASES[name]!;
    const { b, type, varied, results } = build(spec);
    const random = new Random(7);
    const [low, high] = spec.range ?? [-1.5, 1.5];
    const draw = (dims: number[]) =>
      Array.from({ length: size(dims) }, () => random.between(low, high));
    const seeds = new Map(
      results.map((value) => [value, b.input(`g_${value}`, type, b.dims(value))]),
    );
    const wrt = varied;
    const gradients = differentiate(b, { seeds, wrt, fused: false });
    results.forEach((value) =>
      b.graph.outputs.push({ name: value, dataType: type, dims: b.dims(value) }),
    );
    for (const value of wrt) b.output(gradients.get(value)!, `d_${value}`, type, b.dims(value));

    const array = type === 'float32' ? Float32Array : Float64Array;
    const points = Object.fromEntries(varied.map((value) => [value, draw(b.dims(value))]));
    const weights = Object.fromEntries(results.map((value) => [value, draw(b.dims(value))]));
    const feed = (values: Record<string, number[]>) => ({
      ...Object.fromEntries(
        varied.map((value) => [value, new Tensor(type, array.from(values[value]!), b.dims(value))]),
      ),
      ...Object.fromEntries(
        results.map((v) => [`g_${v}`, new Tensor(type, array.from(weights[v]!), b.dims(v))]),
      ),
    });
    const { session, results: analytic } = await run(b, feed(points), spec.opset);
    const objective = async (values: Record<string, number[]>) => {
      const out = await session.run(feed(values));
      return results.reduce(
        (sum, value) =>
          sum +
          weights[value]!.reduce(
            (s, w, i) => s + w * Number((out[value]!.data as Float64Array)[i]),
            0,
          ),
        0,
      );
    };
    const step = type === 'float32' ? 2 ** -6 : 2 ** -17;
    const tolerance = type === 'float32' ? 2e-3 : 1e-7;
    for (const value of wrt) {
      const exact = analytic[`d_${value}`]!.data as Float64Array;
      for (let index = 0; index < exact.length; index++) {
        const at = async (shift: number) =>
          objective({
            ...points,
            [value]: points[value]!.with(index, points[value]![index]! + shift),
          });
        const numeric = ((await at(step)) - (await at(-step))) / (2 * step);
        expect(Math.abs(exact[index]! - numeric)).toBeLessThan(tolerance * (1 + Math.abs(numeric)));
      }
    }
    await session.release();
  });

  test('a missing rule names operation, node and parameter', () => {
    const b = new GraphBuilder('g');
    const x = b.input('weight', 'float32', [3]);
    const y = b.operation('Trilu', [x], {}, { outputs: ['y'] })[0]!;
    expect(() => differentiate(b, { seeds: new Map([[y, x]]), wrt: [x], fused: false })).toThrow(
      /no gradient rule for Trilu: node "node_Trilu_1" \(Trilu\), .*"weight"/,
    );
  });
});
