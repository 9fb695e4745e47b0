// Constant folding: evaluates the shape and index arithmetic of a graph on small tensors.

import { numberAttribute, numbersAttribute } from './attributes';
import { numbers, tensor } from './builder';
import { inferTypes } from './infer';
import { broadcast, positive, size, sliceRange } from './shapes';
import type { DataType, Node, Tensor } from './types';

type Evaluator = (inputs: Tensor[], node: Node, dims: number[], dataType: DataType) => Tensor;

/** Row-major strides, 0 where a broadcast axis repeats. */
function strides(dims: number[], target: number[]): number[] {
  const offset = target.length - dims.length;
  const result = new Array<number>(target.length).fill(0);
  let stride = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    result[axis + offset] = dims[axis] === 1 ? 0 : stride;
    stride *= dims[axis]!;
  }
  return result;
}

/** Calls `visit` with the coordinates of every element of a shape, in row-major order. */
function forEachCoordinate(dims: number[], visit: (coordinate: number[]) => void): void {
  const coordinate = new Array<number>(dims.length).fill(0);
  for (let count = size(dims); count > 0; count--) {
    visit(coordinate);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      coordinate[axis]! += 1;
      if (coordinate[axis]! < dims[axis]!) break;
      coordinate[axis] = 0;
    }
  }
}

/** Builds the output by asking, for each coordinate, which element of the input it shows. */
function select(input: Tensor, dims: number[], source: (coordinate: number[]) => number[]): Tensor {
  const values = numbers(input);
  const stride = strides(input.dims, input.dims);
  const result: number[] = [];
  forEachCoordinate(dims, (coordinate) => {
    const from = source(coordinate);
    result.push(values[from.reduce((sum, position, axis) => sum + position * stride[axis]!, 0)]!);
  });
  return tensor(result, dims, input.dataType);
}

/** An element-wise evaluator with broadcasting. */
function elementwise(compute: (...values: number[]) => number): Evaluator {
  return (inputs, _node, _dims, dataType) => {
    const dims = broadcast(...inputs.map((input) => input.dims));
    const values = inputs.map(numbers);
    const stride = inputs.map((input) => strides(input.dims, dims));
    const result: number[] = [];
    forEachCoordinate(dims, (coordinate) => {
      const operands = values.map(
        (list, index) =>
          list[coordinate.reduce((sum, at, axis) => sum + at * stride[index]![axis]!, 0)]!,
      );
      result.push(compute(...operands));
    });
    return tensor(dataType === 'int64' ? result.map(Math.trunc) : result, dims, dataType);
  };
}

const reshaped: Evaluator = (inputs, _node, dims) => ({ ...inputs[0]!, dims });

const EVALUATORS: Record<string, Evaluator> = {
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Div: elementwise((a, b) => a / b),
  Less: elementwise((a, b) => Number(a < b)),
  LessOrEqual: elementwise((a, b) => Number(a <= b)),
  Greater: elementwise((a, b) => Number(a > b)),
  GreaterOrEqual: elementwise((a, b) => Number(a >= b)),
  Equal: elementwise((a, b) => Number(a === b)),
  And: elementwise((a, b) => Number(a !== 0 && b !== 0)),
  Or: elementwise((a, b) => Number(a !== 0 || b !== 0)),
  Where: elementwise((condition, a, b) => (condition !== 0 ? a : b)),
  Not: elementwise((a) => Number(a === 0)),
  Neg: elementwise((a) => -a),
  Sqrt: elementwise(Math.sqrt),
  Cast: ([input], _node, dims, dataType) => {
    const values = numbers(input!);
    const whole = dataType.startsWith('int') || dataType.startsWith('uint');
    const convert = dataType === 'bool' ? (v: number) => Number(v !== 0) : Math.trunc;
    return tensor(whole || dataType === 'bool' ? values.map(convert) : values, dims, dataType);
  },
  Identity: reshaped,
  Reshape: reshaped,
  Unsqueeze: reshaped,
  Squeeze: reshaped,
  Flatten: reshaped,
  Expand: (inputs, _node, dims) =>
    elementwise((a) => a)(
      [inputs[0]!, tensor(new Array<number>(size(dims)).fill(0), dims, 'int64')],
      _node,
      dims,
      inputs[0]!.dataType,
    ),
  Transpose: ([input], node, dims) => {
    const order = numbersAttribute(node, 'perm') ?? dims.map((_, axis) => dims.length - 1 - axis);
    return select(input!, dims, (coordinate) =>
      order.map((_, axis) => coordinate[order.indexOf(axis)]!),
    );
  },
  Gather: ([data, indices], node, dims) => {
    const axis = positive(numberAttribute(node, 'axis', 0), data!.dims.length);
    const rank = indices!.dims.length;
    const chosen = numbers(indices!).map((index) => positive(index, data!.dims[axis]!));
    const stride = strides(indices!.dims, indices!.dims);
    return select(data!, dims, (coordinate) => {
      const at = coordinate
        .slice(axis, axis + rank)
        .reduce((sum, position, k) => sum + position * stride[k]!, 0);
      return coordinate.toSpliced(axis, rank, chosen[at]!);
    });
  },
  Slice: (inputs, _node, dims) => {
    const [data, starts, ends, axes, steps] = inputs;
    const from = data!.dims.map(() => 0);
    const by = data!.dims.map(() => 1);
    numbers(starts!).forEach((start, index) => {
      const axis = positive(axes ? numbers(axes)[index]! : index, data!.dims.length);
      by[axis] = steps ? numbers(steps)[index]! : 1;
      from[axis] = sliceRange(start, numbers(ends!)[index]!, by[axis], data!.dims[axis]!)[0];
    });
    return select(data!, dims, (coordinate) =>
      coordinate.map((position, axis) => from[axis]! + position * by[axis]!),
    );
  },
  Concat: (inputs, node, dims) => {
    const axis = positive(numberAttribute(node, 'axis', 0), dims.length);
    const values = inputs.map(numbers);
    const result: number[] = [];
    const inner = size(dims.slice(axis + 1));
    for (let outer = 0; outer < size(dims.slice(0, axis)); outer++) {
      inputs.forEach((input, index) => {
        const run = input.dims[axis]! * inner;
        result.push(...values[index]!.slice(outer * run, (outer + 1) * run));
      });
    }
    return tensor(result, dims, inputs[0]!.dataType);
  },
  ConstantOfShape: (_inputs, node, dims, dataType) => {
    const value = node.attributes['value'];
    const fill = value?.type === 'tensor' ? numbers(value.value)[0]! : 0;
    return tensor(new Array<number>(size(dims)).fill(fill), dims, dataType);
  },
};

/**
 * The constant that a node computes, or undefined where its operation is not folded. Every input
 * must be a constant; the shape of `Shape`'s input is enough (`typeOf`).
 */
export function fold(
  node: Node,
  constants: Tensor[],
  typeOf: (value: string) => { dataType: DataType; dims: number[] } | undefined,
): Tensor | undefined {
  const evaluate = EVALUATORS[node.op];
  if (evaluate === undefined) return undefined;
  const byName = new Map(node.inputs.map((name, index) => [name, constants[index]!]));
  const type = inferTypes(node, typeOf, (value) => byName.get(value))?.[0];
  return type && evaluate(constants, node, type.dims, type.dataType);
}
