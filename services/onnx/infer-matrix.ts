// Output types of matrix products, convolutions, poolings and normalisations.

import { numberAttribute, numbersAttribute, stringAttribute } from './attributes';
import type { Row } from './infer-row';
import { broadcast, convolutionPads, positive, type ValueType } from './shapes';

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

/** op(A) op(B), the last two axes transposed where the node says so. */
const product: Row = ({ node, types: [a, b] }) => {
  const transA = numberAttribute(node, 'transA', 0) === 1;
  const transB = numberAttribute(node, 'transB', 0) === 1;
  // FusedMatMul's own: the first axis stands between the batch axes and the last.
  const moved = ({ dims }: ValueType, name: string) =>
    numberAttribute(node, name, 0) === 1 ? [...dims.slice(1, -1), dims[0]!, dims.at(-1)!] : dims;
  const [left, right] = [moved(a!, 'transBatchA'), moved(b!, 'transBatchB')];
  return [{ dataType: a!.dataType, dims: matmulDims(left, right, transA, transB) }];
};

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

const pooling: Row = ({ node, types }) => {
  const { dataType, dims } = types[0]!;
  const window = numbersAttribute(node, 'kernel_shape')!;
  const strides = numbersAttribute(node, 'strides') ?? window.map(() => 1);
  const pads = convolutionPads(node, dims, window);
  const dilations = numbersAttribute(node, 'dilations') ?? window.map(() => 1);
  const round = numberAttribute(node, 'ceil_mode', 0) === 1 ? Math.ceil : Math.floor;
  const spatial = window.map((width, axis) => {
    const before = dims[axis + 2]! + pads[axis]!;
    const reach = (width - 1) * dilations[axis]! + 1;
    const count = round((before + pads[axis + window.length]! - reach) / strides[axis]!) + 1;
    // A window that starts in the padding behind the picture is left out.
    return (count - 1) * strides[axis]! >= before ? count - 1 : count;
  });
  return [{ dataType, dims: [dims[0]!, dims[1]!, ...spatial] }];
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

export const matrixRows: Record<string, Row> = {
  MatMul: product,
  FusedMatMul: product,
  Gemm: product,
  LayerNormalization: ({ node, types }) => {
    const { dataType, dims } = types[0]!;
    const axis = positive(numberAttribute(node, 'axis', -1), dims.length);
    const statistics = { dataType, dims: dims.map((dim, index) => (index < axis ? dim : 1)) };
    return [types[0]!, statistics, statistics];
  },
  Einsum: ({ node, types }) => {
    const equation = stringAttribute(node, 'equation', '').replaceAll(' ', '');
    const [left, result] = equation.split('->');
    if (result === undefined || equation.includes('.')) return [];
    const sizes = new Map<string, number>();
    left!
      .split(',')
      .forEach((term, operand) =>
        [...term].forEach((letter, axis) => sizes.set(letter, types[operand]!.dims[axis]!)),
      );
    const dims = [...result].map((letter) => sizes.get(letter)!);
    return [{ dataType: types[0]!.dataType, dims }];
  },
  GlobalAveragePool: ({ types }) => {
    const { dataType, dims } = types[0]!;
    return [{ dataType, dims: dims.map((dim, axis) => (axis < 2 ? dim : 1)) }];
  },
  AveragePool: pooling,
  // Values and, where asked for, the position that each came from.
  MaxPool: (context) => {
    const [type] = pooling(context);
    return [type!, { dataType: 'int64', dims: type!.dims }];
  },
  Conv: convolution,
  ConvTranspose: convolutionTranspose,
};
