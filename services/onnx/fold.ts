// Constant folding: evaluates the shape and index arithmetic of a graph on small tensors.

import { numberAttribute, numbersAttribute } from './attributes';
import { numbers, tensor } from './builder';
import { forEachCoordinate, elementwise, select, strides, type Evaluator } from './fold-elements';
import { inferTypes } from './infer';
import { positive, reductionAxes, size, sliceRange, type ValueType } from './shapes';
import type { Node, Tensor } from './types';

const reshaped: Evaluator = (inputs, _node, { dims }) => ({ ...inputs[0]!, dims });

/** A reduction by `combine`, whose neutral element is `start`. */
function reduction(combine: (total: number, value: number) => number, start: number): Evaluator {
  return ([input, axesInput], node, { dims, dataType }) => {
    const axes = reductionAxes(node, axesInput && numbers(axesInput), input!.dims.length);
    const kept = input!.dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
    const stride = strides(kept, input!.dims);
    const totals = new Array<number>(size(kept)).fill(start);
    const values = numbers(input!);
    let index = 0;
    forEachCoordinate(input!.dims, (coordinate) => {
      const at = coordinate.reduce((sum, position, axis) => sum + position * stride[axis]!, 0);
      totals[at] = combine(totals[at]!, values[index++]!);
    });
    return tensor(totals, dims, dataType);
  };
}

const EVALUATORS: Record<string, Evaluator> = {
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Div: elementwise((a, b) => a / b),
  Mod: (inputs, node, type) => {
    // The sign of the divisor, or with fmod that of the dividend.
    const fmod = numberAttribute(node, 'fmod', 0) === 1;
    const compute = (a: number, b: number) => (fmod ? a % b : a - Math.floor(a / b) * b);
    return elementwise(compute)(inputs, node, type);
  },
  Pow: elementwise((a, b) => a ** b),
  Min: elementwise(Math.min),
  Max: elementwise(Math.max),
  Less: elementwise((a, b) => Number(a < b)),
  LessOrEqual: elementwise((a, b) => Number(a <= b)),
  Greater: elementwise((a, b) => Number(a > b)),
  GreaterOrEqual: elementwise((a, b) => Number(a >= b)),
  Equal: elementwise((a, b) => Number(a === b)),
  And: elementwise((a, b) => Number(a !== 0 && b !== 0)),
  Or: elementwise((a, b) => Number(a !== 0 || b !== 0)),
  Xor: elementwise((a, b) => Number((a !== 0) !== (b !== 0))),
  Where: elementwise((condition, a, b) => (condition !== 0 ? a : b)),
  Not: elementwise((a) => Number(a === 0)),
  Neg: elementwise((a) => -a),
  Abs: elementwise(Math.abs),
  Sign: elementwise(Math.sign),
  Floor: elementwise(Math.floor),
  Ceil: elementwise(Math.ceil),
  Sqrt: elementwise(Math.sqrt),
  Reciprocal: elementwise((a) => 1 / a),
  Exp: elementwise(Math.exp),
  Log: elementwise(Math.log),
  Sin: elementwise(Math.sin),
  Cos: elementwise(Math.cos),
  IsNaN: elementwise((a) => Number(Number.isNaN(a))),
  IsInf: elementwise((a) => Number(Math.abs(a) === Infinity)),
  Clip: elementwise((a, low = -Infinity, high = Infinity) => Math.min(Math.max(a, low), high)),
  ReduceSum: reduction((a, b) => a + b, 0),
  ReduceProd: reduction((a, b) => a * b, 1),
  ReduceMax: reduction(Math.max, -Infinity),
  ReduceMin: reduction(Math.min, Infinity),
  Cast: ([input], _node, { dims, dataType }) => {
    const values = numbers(input!);
    const whole = dataType.startsWith('int') || dataType.startsWith('uint');
    const convert = dataType === 'bool' ? (v: number) => Number(v !== 0) : Math.trunc;
    return tensor(whole || dataType === 'bool' ? values.map(convert) : values, dims, dataType);
  },
  Identity: reshaped,
  Dropout: reshaped,
  Reshape: reshaped,
  Unsqueeze: reshaped,
  Squeeze: reshaped,
  Flatten: reshaped,
  Expand: ([input], _node, { dims, dataType }) => {
    const stride = strides(input!.dims, dims);
    const values = numbers(input!);
    const result: number[] = [];
    forEachCoordinate(dims, (coordinate) =>
      result.push(values[coordinate.reduce((sum, at, axis) => sum + at * stride[axis]!, 0)]!),
    );
    return tensor(result, dims, dataType);
  },
  Tile: ([input], _node, { dims }) =>
    select(input!, dims, (coordinate) =>
      coordinate.map((position, axis) => position % input!.dims[axis]!),
    ),
  Transpose: ([input], node, { dims }) => {
    const order = numbersAttribute(node, 'perm') ?? dims.map((_, axis) => dims.length - 1 - axis);
    return select(input!, dims, (coordinate) =>
      order.map((_, axis) => coordinate[order.indexOf(axis)]!),
    );
  },
  Trilu: ([input, k], node, { dims, dataType }) => {
    const upper = numberAttribute(node, 'upper', 1) === 1;
    const shift = k ? numbers(k)[0]! : 0;
    const values = numbers(input!);
    const result: number[] = [];
    forEachCoordinate(dims, (coordinate) => {
      const above = coordinate.at(-1)! - coordinate.at(-2)! - shift;
      result.push((upper ? above >= 0 : above <= 0) ? values[result.length]! : 0);
    });
    return tensor(result, dims, dataType);
  },
  Gather: ([data, indices], node, { dims }) => {
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
  Slice: (inputs, _node, { dims }) => {
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
  Concat: (inputs, node, { dims, dataType }) => {
    const axis = positive(numberAttribute(node, 'axis', 0), dims.length);
    const values = inputs.map((input) => numbers(input!));
    const result: number[] = [];
    const inner = size(dims.slice(axis + 1));
    for (let outer = 0; outer < size(dims.slice(0, axis)); outer++) {
      inputs.forEach((input, index) => {
        const run = input!.dims[axis]! * inner;
        result.push(...values[index]!.slice(outer * run, (outer + 1) * run));
      });
    }
    return tensor(result, dims, dataType);
  },
  ConstantOfShape: (_inputs, node, { dims, dataType }) => {
    const value = node.attributes['value'];
    const fill = value?.type === 'tensor' ? numbers(value.value)[0]! : 0;
    return tensor(new Array<number>(size(dims)).fill(fill), dims, dataType);
  },
  Range: ([start, , step], _node, { dims, dataType }) => {
    const [first, by] = [numbers(start!)[0]!, numbers(step!)[0]!];
    return tensor(
      Array.from({ length: dims[0]! }, (_, index) => first + index * by),
      dims,
      dataType,
    );
  },
  CumSum: ([input, axisInput], node, { dims, dataType }) => {
    if (numberAttribute(node, 'exclusive', 0) || numberAttribute(node, 'reverse', 0)) {
      return undefined;
    }
    const result = numbers(input!);
    const step = strides(dims, dims)[positive(numbers(axisInput!)[0]!, dims.length)]!;
    const axis = positive(numbers(axisInput!)[0]!, dims.length);
    let index = 0;
    forEachCoordinate(dims, (coordinate) => {
      if (coordinate[axis]! > 0) result[index]! += result[index - step]!;
      index++;
    });
    return tensor(result, dims, dataType);
  },
  ScatterND: ([data, indices, updates], node, { dims, dataType }) => {
    if ((node.attributes['reduction']?.type ?? 'none') !== 'none') return undefined;
    const depth = indices!.dims.at(-1)!;
    const stride = strides(dims, dims);
    const run = size(dims.slice(depth));
    const [result, at, values] = [numbers(data!), numbers(indices!), numbers(updates!)];
    for (let row = 0; row * depth < at.length; row++) {
      let target = 0;
      for (let k = 0; k < depth; k++) {
        target += positive(at[row * depth + k]!, dims[k]!) * stride[k]!;
      }
      for (let k = 0; k < run; k++) result[target + k] = values[row * run + k]!;
    }
    return tensor(result, dims, dataType);
  },
};

/** Parts of a constant along an axis. */
function foldSplit([input]: (Tensor | undefined)[], node: Node, types: ValueType[]): Tensor[] {
  const axis = positive(numberAttribute(node, 'axis', 0), input!.dims.length);
  let start = 0;
  return types.map(({ dims }) => {
    const first = start;
    start += dims[axis]!;
    return select(input!, dims, (coordinate) => coordinate.with(axis, coordinate[axis]! + first));
  });
}

/**
 * The constants that a node computes, or undefined where its operation is not folded. Every input
 * must be a constant, `undefined` where it is absent.
 */
export function fold(
  node: Node,
  constants: (Tensor | undefined)[],
  typeOf: (value: string) => ValueType | undefined,
): Tensor[] | undefined {
  if (node.domain !== '') return undefined;
  const byName = new Map(node.inputs.map((name, index) => [name, constants[index]]));
  const types = inferTypes(node, typeOf, (value) => byName.get(value));
  if (types?.[0] === undefined) return undefined;
  if (node.op === 'Split') return foldSplit(constants, node, types);
  const value = EVALUATORS[node.op]?.(constants, node, types[0]);
  return value && [value];
}
