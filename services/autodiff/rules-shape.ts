// Gradient rules of operations that move elements about.

import {
  numberAttribute,
  numbers,
  numbersAttribute,
  positive,
  size,
  sliceRange,
  stringAttribute,
  type Value,
} from '#onnx';
import type { Ops } from './ops';
import { simple, type Rule, type RuleContext, type SimpleRule } from './rule';

const reshaped: SimpleRule = (g, { ops, inputs: [x] }) => [
  () => ops.reshape(g, ops.dims(x!)),
  null,
];

/** The constant behind input `index` as numbers, or undefined where the input is absent. */
function constantInput({ ops, inputs }: RuleContext, index: number): number[] | undefined {
  const constant = ops.b.constantOf(inputs[index]);
  return constant && numbers(constant);
}

export const shapeRules: Record<string, Rule> = {
  ...simple({
    Reshape: reshaped,
    Flatten: reshaped,
    Squeeze: reshaped,
    Unsqueeze: reshaped,
    // The engine sums over what was expanded.
    Expand: (g) => [() => g, null],
    Transpose: (g, { ops, node, inputs: [x] }) => {
      const rank = ops.dims(x!).length;
      const axes = Array.from({ length: rank }, (_, axis) => axis);
      const perm = numbersAttribute(node, 'perm') ?? axes.toReversed();
      return [
        () =>
          ops.transpose(
            g,
            axes.map((axis) => perm.indexOf(axis)),
          ),
      ];
    },
    Concat: (g, { ops, node, inputs }) => {
      const axis = positive(numberAttribute(node, 'axis', 0), ops.dims(g).length);
      const sizes = inputs.map((input) => ops.dims(input)[axis]!);
      let parts: Value[] | undefined;
      const part = (index: number) => {
        parts ??= ops.b.operation(
          'Split',
          [g, ops.b.ints(sizes)],
          { axis },
          {
            outputs: inputs.length,
          },
        );
        return parts[index]!;
      };
      return inputs.map((_, index) => () => part(index));
    },
    // Zeros where the slice left out.
    Slice: (g, context) => {
      const { ops, inputs } = context;
      const dims = ops.dims(inputs[0]!);
      const before = dims.map(() => 0);
      const after = dims.map(() => 0);
      const starts = constantInput(context, 1)!;
      const ends = constantInput(context, 2)!;
      const axes = constantInput(context, 3) ?? starts.map((_, index) => index);
      if (constantInput(context, 4)?.some((step) => step !== 1)) {
        throw new Error('Slice is differentiated for steps of 1 only');
      }
      axes.forEach((value, index) => {
        const axis = positive(value, dims.length);
        const dim = dims[axis]!;
        const [from, to] = sliceRange(starts[index]!, ends[index]!, 1, dim);
        before[axis] = from;
        after[axis] = dim - to;
      });
      const gradient = () =>
        [...before, ...after].every((n) => n === 0) ? g : ops.pad(g, before, after);
      return [gradient, null, null, null, null];
    },
    Gather: (g, context) => {
      const { ops, node, inputs } = context;
      const [data, indices] = inputs as [Value, Value];
      const dims = ops.dims(data);
      const axis = positive(numberAttribute(node, 'axis', 0), dims.length);
      const chosen = constantInput(context, 1);
      if (chosen?.length === 1) return [() => gatherOne(context, g, axis, chosen[0]!), null];
      return [() => scatterSlices(ops, g, indices, dims, axis), null];
    },
    GatherElements: (g, { ops, node, inputs: [data, indices] }) => {
      const dims = ops.dims(data!);
      const axis = positive(numberAttribute(node, 'axis', 0), dims.length);
      return [() => scatterAdd(ops, dims, indices!, g, axis), null];
    },
    // Each copy adds its share: copies and positions apart, then a sum over the copies.
    Tile: (g, context) => {
      const { ops, inputs } = context;
      const dims = ops.dims(inputs[0]!);
      const repeats = constantInput(context, 1)!;
      const apart = dims.flatMap((dim, axis) => [repeats[axis]!, dim]);
      const copies = dims.map((_, axis) => 2 * axis);
      return [() => ops.reduceSum(ops.reshape(g, apart), copies), null];
    },
    // What was padded is cut off again.
    Pad: (g, context) => {
      const { ops, inputs, node } = context;
      if (stringAttribute(node, 'mode', 'constant') !== 'constant') {
        throw new Error('Pad is differentiated for constant padding only');
      }
      const dims = ops.dims(inputs[0]!);
      const before = constantInput(context, 1)!.slice(0, dims.length);
      const ends = dims.map((dim, axis) => before[axis]! + dim);
      return [() => ops.b.op('Slice', [g, ops.b.ints(before), ops.b.ints(ends)]), null, null];
    },
  }),
  // A part that nothing depends on has gradient zero.
  Split: ({ ops, node, inputs: [x], outputs, gradients }) => {
    const axis = positive(numberAttribute(node, 'axis', 0), ops.dims(x!).length);
    const gradient = () =>
      ops.b.op(
        'Concat',
        outputs.map((output, index) => {
          const type = ops.b.type(output);
          return gradients[index] ?? ops.zeros(type.dims, type.dataType);
        }),
        { axis },
      );
    return [gradient, null];
  },
};

/** Gradient of taking one position of an axis: zeros everywhere else. */
function gatherOne({ ops, inputs }: RuleContext, g: Value, axis: number, index: number): Value {
  const dims = ops.dims(inputs[0]!);
  const at = positive(index, dims[axis]!);
  const before = dims.map((_, other) => (other === axis ? at : 0));
  const after = dims.map((dim, other) => (other === axis ? dim - 1 - at : 0));
  return ops.pad(ops.reshape(g, dims.with(axis, 1)), before, after);
}

/** Gradient of a lookup along one axis: slices of g added up by index. */
function scatterSlices(ops: Ops, g: Value, indices: Value, dims: number[], axis: number): Value {
  const count = size(ops.dims(indices));
  const slices = dims.with(axis, count);
  const along = dims.map((_, other) => (other === axis ? count : 1));
  const positions = ops.expand(ops.reshape(indices, along), slices);
  return scatterAdd(ops, dims, positions, ops.reshape(g, slices), axis);
}

/**
 * Adds `updates` into zeros of shape `dims` at `positions` along `axis`. ScatterElements, since
 * ScatterND with addition races between threads on ONNX Runtime's CPU provider.
 */
function scatterAdd(
  ops: Ops,
  dims: number[],
  positions: Value,
  updates: Value,
  axis: number,
): Value {
  const zeros = ops.freshZeros(dims, positions, updates);
  return ops.b.op('ScatterElements', [zeros, positions, updates], { axis, reduction: 'add' });
}
