// Shapes and axes as ONNX counts them. Which operation has which is infer.ts.

import { numbersAttribute, stringAttribute } from './attributes';
import type { DataType, Node } from './types';

/** Element type and static shape of a value. */
export interface ValueType {
  dataType: DataType;
  dims: number[];
}

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

/** Axes of a reduction: an input since opset 13 or 18, an attribute before. */
export function reductionAxes(node: Node, constant: number[] | undefined, rank: number): number[] {
  const axes = constant ?? numbersAttribute(node, 'axes');
  if (axes === undefined || axes.length === 0)
    return Array.from({ length: rank }, (_, axis) => axis);
  return axes.map((axis) => positive(axis, rank));
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
