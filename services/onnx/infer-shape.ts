// Output types of reductions and of operations that move elements about.

import { numberAttribute, numbersAttribute } from './attributes';
import { same, type Row } from './infer-row';
import { broadcast, positive, reductionAxes, size, sliceRange } from './shapes';

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

/** Positions of the largest or smallest along an axis. */
const extreme: Row = ({ node, types }) => {
  const { dims } = types[0]!;
  const axis = positive(numberAttribute(node, 'axis', 0), dims.length);
  const keep = numberAttribute(node, 'keepdims', 1) === 1;
  return [{ dataType: 'int64', dims: keep ? dims.with(axis, 1) : dims.toSpliced(axis, 1) }];
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

export const shapeRows: Record<string, Row> = {
  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceMax: reduction,
  ReduceMin: reduction,
  ReduceL2: reduction,
  ReduceSumSquare: reduction,
  ReduceProd: reduction,
  ArgMax: extreme,
  ArgMin: extreme,
  Range: ({ types, constant }) => {
    const [start, limit, delta] = [constant(0)![0]!, constant(1)![0]!, constant(2)![0]!];
    const count = Math.max(0, Math.ceil((limit - start) / delta));
    return [{ dataType: types[0]!.dataType, dims: [count] }];
  },
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
  Tile: ({ types, constant }) => {
    const { dataType, dims } = types[0]!;
    const repeats = constant(1)!;
    return [{ dataType, dims: dims.map((dim, axis) => dim * repeats[axis]!) }];
  },
  GatherElements: ({ types: [data, indices] }) => [
    { dataType: data!.dataType, dims: indices!.dims },
  ],
  ScatterElements: same,
  ScatterND: same,
};
