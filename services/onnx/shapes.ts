// Type inference with static shapes: one row an operation, from input types to output types.

import { numberAttribute, numbersAttribute, stringAttribute } from './attributes';
import type { DataType, Node, Tensor } from './types';

/** Element type and static shape of a value. */
export interface ValueType {
  dataType: DataType;
  dims: number[];
}

/** What a row sees: the node, its input types, and constant inputs as numbers. */
interface Context {
  node: Node;
  types: ValueType[];
  /** The constant at input `index`, `undefined` where absent. Throws where it is not constant. */
  constant(index: number): number[] | undefined;
}

type Row = (context: Context) => ValueType[];

/** Size of a shape: the number of its elements. */
export function size(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** NumPy broadcasting of shapes. Throws where they do not fit. */
export function broadcast(...shapes: number[][]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let result = 1;
    for (const shape of shapes) {
      const dim = shape[axis - rank + shape.length] ?? 1;
      if (dim !== 1 && result !== 1 && dim !== result) {
        throw new Error(
          `shapes ${shapes.map((s) => `[${s.join()}]`).join(' and ')} do not broadcast`,
        );
      }
      if (dim !== 1) result = dim;
    }
    return result;
  });
}

/** An axis counted from the front. */
export function positive(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

const same: Row = ({ types }) => [types[0]!];

const elementwise: Row = ({ types }) => [
  { dataType: types[0]!.dataType, dims: broadcast(...types.map((type) => type.dims)) },
];

const comparison: Row = ({ types }) => [
  { dataType: 'bool', dims: broadcast(...types.map((type) => type.dims)) },
];

function matmulDims(a: number[], b: number[], transA: boolean, transB: boolean): number[] {
  const left = a.length === 1 ? [1, a[0]!] : a;
  const right = b.length === 1 ? [b[0]!, 1] : b;
  const rows = left.at(transA ? -1 : -2)!;
  const inner = left.at(transA ? -2 : -1)!;
  const columns = right.at(transB ? -2 : -1)!;
  if (inner !== right.at(transB ? -1 : -2)!) {
    throw new Error(`matrices [${a.join()}] and [${b.join()}] do not fit`);
  }
  const batch = broadcast(left.slice(0, -2), right.slice(0, -2));
  return [...batch, ...(a.length === 1 ? [] : [rows]), ...(b.length === 1 ? [] : [columns])];
}

/** Axes of a reduction: an input since opset 13 or 18, an attribute before. */
export function reductionAxes(node: Node, constant: number[] | undefined, rank: number): number[] {
  const axes = constant ?? numbersAttribute(node, 'axes');
  if (axes === undefined || axes.length === 0)
    return Array.from({ length: rank }, (_, axis) => axis);
  return axes.map((axis) => positive(axis, rank));
}

const reduction: Row = ({ node, types, constant }) => {
  const { dataType, dims } = types[0]!;
  const axes = reductionAxes(node, constant(1), dims.length);
  const keep = numberAttribute(node, 'keepdims', 1) === 1;
  return [
    {
      dataType,
      dims: keep
        ? dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim))
        : dims.filter((_, axis) => !axes.includes(axis)),
    },
  ];
};

function reshapeDims(from: number[], to: number[]): number[] {
  const dims = to.map((dim, axis) => (dim === 0 ? from[axis]! : dim));
  const unknown = dims.indexOf(-1);
  if (unknown >= 0) dims[unknown] = size(from) / -size(dims);
  if (size(dims) !== size(from)) {
    throw new Error(`[${from.join()}] cannot be reshaped to [${to.join()}]`);
  }
  return dims;
}

/** Start and end of a slice on one axis, as ONNX clamps them. */
export function sliceRange(
  start: number,
  end: number,
  step: number,
  dim: number,
): [number, number] {
  const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
  const from = start < 0 ? start + dim : start;
  const to = end < 0 ? end + dim : end;
  return step > 0
    ? [clamp(from, 0, dim), clamp(to, 0, dim)]
    : [clamp(from, 0, dim - 1), clamp(to, -1, dim - 1)];
}

/** Explicit padding of a convolution as [begin…, end…], auto_pad resolved. */
export function convolutionPads(node: Node, input: number[], kernel: number[]): number[] {
  const rank = kernel.length;
  const autoPad = stringAttribute(node, 'auto_pad', 'NOTSET');
  if (autoPad === 'NOTSET' || autoPad === 'VALID') {
    return numbersAttribute(node, 'pads') ?? new Array<number>(2 * rank).fill(0);
  }
  const strides = numbersAttribute(node, 'strides') ?? new Array<number>(rank).fill(1);
  const dilations = numbersAttribute(node, 'dilations') ?? new Array<number>(rank).fill(1);
  const begin: number[] = [];
  const end: number[] = [];
  kernel.forEach((width, axis) => {
    const dim = input[axis + 2]!;
    const reach = (width - 1) * dilations[axis]! + 1;
    const total = Math.max(0, (Math.ceil(dim / strides[axis]!) - 1) * strides[axis]! + reach - dim);
    const small = Math.floor(total / 2);
    begin.push(autoPad === 'SAME_UPPER' ? small : total - small);
    end.push(autoPad === 'SAME_UPPER' ? total - small : small);
  });
  return [...begin, ...end];
}

const convolution: Row = ({ node, types }) => {
  const { dataType, dims } = types[0]!;
  const weight = types[1]!.dims;
  const kernel = weight.slice(2);
  const pads = convolutionPads(node, dims, kernel);
  const strides = numbersAttribute(node, 'strides') ?? kernel.map(() => 1);
  const dilations = numbersAttribute(node, 'dilations') ?? kernel.map(() => 1);
  const spatial = kernel.map((width, axis) => {
    const padded = dims[axis + 2]! + pads[axis]! + pads[axis + kernel.length]!;
    return Math.floor((padded - (width - 1) * dilations[axis]! - 1) / strides[axis]!) + 1;
  });
  return [{ dataType, dims: [dims[0]!, weight[0]!, ...spatial] }];
};

const convolutionTranspose: Row = ({ node, types }) => {
  const { dataType, dims } = types[0]!;
  const weight = types[1]!.dims;
  const kernel = weight.slice(2);
  const zeros = kernel.map(() => 0);
  const ones = kernel.map(() => 1);
  const pads = numbersAttribute(node, 'pads') ?? [...zeros, ...zeros];
  const strides = numbersAttribute(node, 'strides') ?? ones;
  const dilations = numbersAttribute(node, 'dilations') ?? ones;
  const extra = numbersAttribute(node, 'output_padding') ?? zeros;
  const spatial = kernel.map(
    (width, axis) =>
      (dims[axis + 2]! - 1) * strides[axis]! +
      extra[axis]! +
      (width - 1) * dilations[axis]! +
      1 -
      pads[axis]! -
      pads[axis + kernel.length]!,
  );
  const channels = weight[1]! * numberAttribute(node, 'group', 1);
  return [{ dataType, dims: [dims[0]!, channels, ...spatial] }];
};

const DATA_TYPES: Record<number, DataType> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  11: 'float64',
};

/** The number by which ONNX attributes (Cast's `to`) name an element type. */
export function dataTypeNumber(dataType: DataType): number {
  return Number(Object.entries(DATA_TYPES).find(([, name]) => name === dataType)![0]);
}

const ROWS: Record<string, Row> = {
  Add: elementwise,
  Sub: elementwise,
  Mul: elementwise,
  Div: elementwise,
  Pow: elementwise,
  Sum: elementwise,
  Min: elementwise,
  Max: elementwise,
  Less: comparison,
  LessOrEqual: comparison,
  Greater: comparison,
  GreaterOrEqual: comparison,
  Equal: comparison,
  And: comparison,
  Or: comparison,
  Where: ({ types }) => [
    { dataType: types[1]!.dataType, dims: broadcast(...types.map((type) => type.dims)) },
  ],
  Identity: same,
  Neg: same,
  Abs: same,
  Exp: same,
  Log: same,
  Sqrt: same,
  Reciprocal: same,
  Sigmoid: same,
  Tanh: same,
  Erf: same,
  Relu: same,
  Gelu: same,
  QuickGelu: same,
  Clip: same,
  Not: same,
  Softmax: same,
  LogSoftmax: same,
  Trilu: same,
  Cast: ({ node, types }) => [
    { dataType: DATA_TYPES[numberAttribute(node, 'to', 1)]!, dims: types[0]!.dims },
  ],
  MatMul: ({ types: [a, b] }) => [
    { dataType: a!.dataType, dims: matmulDims(a!.dims, b!.dims, false, false) },
  ],
  FusedMatMul: ({ node, types: [a, b] }) => [
    {
      dataType: a!.dataType,
      dims: matmulDims(
        a!.dims,
        b!.dims,
        numberAttribute(node, 'transA', 0) === 1,
        numberAttribute(node, 'transB', 0) === 1,
      ),
    },
  ],
  Gemm: ({ node, types: [a, b] }) => [
    {
      dataType: a!.dataType,
      dims: matmulDims(
        a!.dims,
        b!.dims,
        numberAttribute(node, 'transA', 0) === 1,
        numberAttribute(node, 'transB', 0) === 1,
      ),
    },
  ],
  LayerNormalization: ({ node, types }) => {
    const { dataType, dims } = types[0]!;
    const axis = positive(numberAttribute(node, 'axis', -1), dims.length);
    const statistics = { dataType, dims: dims.map((dim, index) => (index < axis ? dim : 1)) };
    return [types[0]!, statistics, statistics];
  },
  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceMax: reduction,
  ReduceMin: reduction,
  ReduceL2: reduction,
  ReduceSumSquare: reduction,
  ArgMax: ({ node, types }) => {
    const { dims } = types[0]!;
    const axis = positive(numberAttribute(node, 'axis', 0), dims.length);
    const keep = numberAttribute(node, 'keepdims', 1) === 1;
    return [{ dataType: 'int64', dims: keep ? dims.with(axis, 1) : dims.toSpliced(axis, 1) }];
  },
  Shape: ({ types }) => [{ dataType: 'int64', dims: [types[0]!.dims.length] }],
  Reshape: ({ types, constant }) => [
    { dataType: types[0]!.dataType, dims: reshapeDims(types[0]!.dims, constant(1)!) },
  ],
  Flatten: ({ node, types }) => {
    const { dataType, dims } = types[0]!;
    const axis = positive(numberAttribute(node, 'axis', 1), dims.length);
    return [{ dataType, dims: [size(dims.slice(0, axis)), size(dims.slice(axis))] }];
  },
  Transpose: ({ node, types }) => {
    const { dataType, dims } = types[0]!;
    const order = numbersAttribute(node, 'perm') ?? dims.map((_, axis) => dims.length - 1 - axis);
    return [{ dataType, dims: order.map((axis) => dims[axis]!) }];
  },
  Unsqueeze: ({ node, types, constant }) => {
    const { dataType, dims } = types[0]!;
    const axes = constant(1) ?? numbersAttribute(node, 'axes')!;
    const rank = dims.length + axes.length;
    const result = [...dims];
    for (const axis of axes.map((value) => positive(value, rank)).sort((a, b) => a - b)) {
      result.splice(axis, 0, 1);
    }
    return [{ dataType, dims: result }];
  },
  Squeeze: ({ node, types, constant }) => {
    const { dataType, dims } = types[0]!;
    const axes = (constant(1) ?? numbersAttribute(node, 'axes'))?.map((axis) =>
      positive(axis, dims.length),
    );
    const gone = (dim: number, axis: number) => (axes ? axes.includes(axis) : dim === 1);
    return [{ dataType, dims: dims.filter((dim, axis) => !gone(dim, axis)) }];
  },
  Expand: ({ types, constant }) => [
    { dataType: types[0]!.dataType, dims: broadcast(types[0]!.dims, constant(1)!) },
  ],
  ConstantOfShape: ({ node, constant }) => {
    const value = node.attributes['value'];
    const dataType = value?.type === 'tensor' ? value.value.dataType : 'float32';
    return [{ dataType, dims: constant(0)! }];
  },
  Concat: ({ node, types }) => {
    const { dataType, dims } = types[0]!;
    const axis = positive(numberAttribute(node, 'axis', 0), dims.length);
    const total = types.reduce((sum, type) => sum + type.dims[axis]!, 0);
    return [{ dataType, dims: dims.with(axis, total) }];
  },
  Split: ({ node, types, constant }) => {
    const { dataType, dims } = types[0]!;
    const axis = positive(numberAttribute(node, 'axis', 0), dims.length);
    const parts = node.outputs.length;
    const even = Math.ceil(dims[axis]! / parts);
    const sizes =
      constant(1) ??
      numbersAttribute(node, 'split') ??
      node.outputs.map((_, index) => Math.min(even, dims[axis]! - index * even));
    return sizes.map((width) => ({ dataType, dims: dims.with(axis, width) }));
  },
  Slice: ({ types, constant }) => {
    const { dataType, dims } = types[0]!;
    const [starts, ends] = [constant(1)!, constant(2)!];
    const axes = constant(3) ?? starts.map((_, index) => index);
    const steps = constant(4) ?? starts.map(() => 1);
    const result = [...dims];
    axes.forEach((value, index) => {
      const axis = positive(value, dims.length);
      const step = steps[index]!;
      const [from, to] = sliceRange(starts[index]!, ends[index]!, step, dims[axis]!);
      result[axis] = Math.max(0, Math.ceil((to - from) / step));
    });
    return [{ dataType, dims: result }];
  },
  Pad: ({ types, constant }) => {
    const { dataType, dims } = types[0]!;
    const pads = constant(1)!;
    return [
      { dataType, dims: dims.map((dim, axis) => dim + pads[axis]! + pads[axis + dims.length]!) },
    ];
  },
  Gather: ({ node, types: [data, indices] }) => {
    const axis = positive(numberAttribute(node, 'axis', 0), data!.dims.length);
    return [{ dataType: data!.dataType, dims: data!.dims.toSpliced(axis, 1, ...indices!.dims) }];
  },
  ScatterElements: same,
  Conv: convolution,
  ConvTranspose: convolutionTranspose,
};

/**
 * Types of a node's outputs, or undefined where an input's type is not known or a shape is not
 * constant. Throws, naming the node, where the inputs contradict each other.
 */
export function inferTypes(
  node: Node,
  typeOf: (value: string) => ValueType | undefined,
  constantOf: (value: string) => Tensor | undefined,
): ValueType[] | undefined {
  const row = ROWS[node.op];
  const types = node.inputs.map((value) => typeOf(value));
  if (row === undefined) return undefined;
  if (node.inputs.some((value, index) => value !== '' && types[index] === undefined))
    return undefined;
  let dynamic = false;
  const constant = (index: number) => {
    const value = node.inputs[index];
    if (value === undefined || value === '') return undefined;
    const known = constantOf(value);
    if (known === undefined) {
      dynamic = true;
      throw new Error(`input ${index} is not constant`);
    }
    return Array.from(known.data as ArrayLike<number | bigint>, Number);
  };
  try {
    return row({ node, types: types as ValueType[], constant });
  } catch (cause) {
    if (dynamic) return undefined;
    throw new Error(`node "${node.name}" (${node.op}): ${(cause as Error).message}`, { cause });
  }
}
