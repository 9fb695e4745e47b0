// Walking over the elements of small tensors: what the evaluators of fold.ts are made of.

import { numbers, tensor } from './builder';
import { broadcast, size, type ValueType } from './shapes';
import type { Node, Tensor } from './types';

/** The constant that a node computes; undefined where its attributes ask for what is not folded. */
export type Evaluator = (
  inputs: (Tensor | undefined)[],
  node: Node,
  type: ValueType,
) => Tensor | undefined;

/** Row-major strides, 0 where a broadcast axis repeats. */
export function strides(dims: number[], target: number[]): number[] {
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
export function forEachCoordinate(dims: number[], visit: (coordinate: number[]) => void): void {
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
export function select(
  input: Tensor,
  dims: number[],
  source: (coordinate: number[]) => number[],
): Tensor {
  const values = numbers(input);
  const stride = strides(input.dims, input.dims);
  const result: number[] = [];
  forEachCoordinate(dims, (coordinate) => {
    const from = source(coordinate);
    result.push(values[from.reduce((sum, position, axis) => sum + position * stride[axis]!, 0)]!);
  });
  return tensor(result, dims, input.dataType);
}

/** An element-wise evaluator with broadcasting; an absent input is `undefined` to `compute`. */
export function elementwise(compute: (...values: number[]) => number): Evaluator {
  return (inputs, _node, { dataType }) => {
    const dims = broadcast(...inputs.map((input) => input?.dims ?? []));
    const values = inputs.map((input) => input && numbers(input));
    const stride = inputs.map((input) => strides(input?.dims ?? [], dims));
    const result: number[] = [];
    forEachCoordinate(dims, (coordinate) => {
      const operands = values.map(
        (list, index) =>
          list?.[coordinate.reduce((sum, at, axis) => sum + at * stride[index]![axis]!, 0)],
      );
      result.push(compute(...(operands as number[])));
    });
    return tensor(dataType === 'int64' ? result.map(Math.trunc) : result, dims, dataType);
  };
}
