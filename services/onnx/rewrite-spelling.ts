// The same operation as opset 17 spells it: axes and sizes as inputs or attributes, defaults filled in.

import { numberAttribute, numbersAttribute, stringAttribute } from './attributes';
import { numbers, type AttributeInput, type GraphBuilder, type Value } from './builder';
import type { Rewrite } from './rewrite';
import { positive, sliceRange } from './shapes';
import type { Node } from './types';

/** The constant behind input `index` as numbers, or undefined where it is absent or not constant. */
export function constantNumbers(b: GraphBuilder, node: Node, index: number): number[] | undefined {
  const constant = b.constantOf(node.inputs[index]);
  return constant && numbers(constant);
}

/** The node with other inputs or attributes, under its own name. */
function respell(
  b: GraphBuilder,
  node: Node,
  inputs: Value[],
  attributes: Record<string, AttributeInput> = {},
  without: string[] = [],
): Value[] {
  const kept = Object.fromEntries(
    Object.entries(node.attributes).filter(([name]) => !without.includes(name)),
  );
  return b.operation(node.op, inputs, { ...kept, ...attributes }, { outputs: node.outputs });
}

/** An attribute of earlier opsets that is an input since 13. */
function attributeToInput(name: string): Rewrite {
  return (b, node) => {
    const values = numbersAttribute(node, name);
    return values && respell(b, node, [node.inputs[0]!, b.ints(values)], {}, [name]);
  };
}

/** Axes that are an input since opset 18. */
const axesToAttribute: Rewrite = (b, node) => {
  if (node.inputs.length < 2) return undefined;
  const axes = constantNumbers(b, node, 1);
  if ((axes === undefined || axes.length === 0) && numberAttribute(node, 'noop_with_empty_axes', 0))
    return [node.inputs[0]!];
  const given: Record<string, AttributeInput> = axes?.length ? { axes } : {};
  return respell(b, node, [node.inputs[0]!], given, ['noop_with_empty_axes']);
};

const withoutAttribute =
  (...names: string[]): Rewrite =>
  (b, node) =>
    names.some((name) => name in node.attributes)
      ? respell(b, node, node.inputs, {}, names)
      : undefined;

export const spellings: Record<string, Rewrite> = {
  Squeeze: attributeToInput('axes'),
  Unsqueeze: attributeToInput('axes'),
  ReduceSum: attributeToInput('axes'),
  ReduceMean: axesToAttribute,
  ReduceMax: axesToAttribute,
  ReduceL2: axesToAttribute,
  ReduceSumSquare: axesToAttribute,
  Cast: withoutAttribute('saturate', 'round_mode'),
  AveragePool: withoutAttribute('dilations'),
  // The sizes of the parts always as an input: since opset 18 the last may be smaller.
  Split: (b, node) => {
    if (node.inputs.length > 1 && node.inputs[1] !== '') return undefined;
    const dims = b.dims(node.inputs[0]!);
    const total = dims[positive(numberAttribute(node, 'axis', 0), dims.length)]!;
    const even = Math.ceil(total / node.outputs.length);
    const sizes =
      numbersAttribute(node, 'split') ??
      node.outputs.map((_, index) => Math.min(even, total - index * even));
    return respell(b, node, [node.inputs[0]!, b.ints(sizes)], {}, ['split', 'num_outputs']);
  },
  // Padding of all axes: since opset 18 it may name some.
  Pad: (b, node) => {
    const axes = constantNumbers(b, node, 3);
    const pads = constantNumbers(b, node, 1);
    if (axes === undefined || pads === undefined) return undefined;
    const rank = b.dims(node.inputs[0]!).length;
    const full = new Array<number>(2 * rank).fill(0);
    axes.forEach((value, index) => {
      const axis = positive(value, rank);
      full[axis] = pads[index]!;
      full[axis + rank] = pads[index + axes.length]!;
    });
    return respell(b, node, [node.inputs[0]!, b.ints(full), ...node.inputs.slice(2, 3)]);
  },
  BatchNormalization: (b, node) => {
    if (numberAttribute(node, 'training_mode', 0) === 1) {
      throw new Error(
        `node "${node.name}" (BatchNormalization) was exported in training mode; call .eval() before exporting`,
      );
    }
    const { outputs } = node;
    return b.operation(
      'BatchNormalization',
      node.inputs,
      { epsilon: node.attributes['epsilon'] ?? { type: 'float', value: 1e-5 } },
      { outputs: outputs.slice(0, 1) },
    );
  },
  Dropout: (_b, node) => [node.inputs[0]!],
  Gelu: (b, node) => {
    if (node.domain !== '') return undefined;
    const tanh = stringAttribute(node, 'approximate', 'none') === 'tanh';
    return b.operation(
      tanh ? 'FastGelu' : 'Gelu',
      node.inputs,
      {},
      { outputs: node.outputs, domain: 'com.microsoft' },
    );
  },
  // Consecutive positions are a slice, whose gradient needs no scatter.
  Gather: (b, node) => {
    const positions = constantNumbers(b, node, 1);
    const rank = b.constantOf(node.inputs[1])?.dims.length;
    if (positions === undefined || rank !== 1 || positions.length < 2) return undefined;
    const [first] = positions as [number];
    if (first < 0 || positions.some((value, index) => value !== first + index)) return undefined;
    const axis = numberAttribute(node, 'axis', 0);
    const [start, end] = [b.ints([first]), b.ints([first + positions.length])];
    return b.operation(
      'Slice',
      [node.inputs[0]!, start, end, b.ints([axis])],
      {},
      { outputs: node.outputs },
    );
  },
  // A slice with steps is a choice of positions.
  Slice: (b, node) => {
    const steps = constantNumbers(b, node, 4);
    if (steps === undefined || steps.every((step) => step === 1)) return undefined;
    const [starts, ends] = [constantNumbers(b, node, 1), constantNumbers(b, node, 2)];
    if (starts === undefined || ends === undefined) return undefined;
    const dims = b.dims(node.inputs[0]!);
    const axes = constantNumbers(b, node, 3) ?? starts.map((_, index) => index);
    let value = node.inputs[0]!;
    axes.forEach((given, index) => {
      const axis = positive(given, dims.length);
      const step = steps[index]!;
      const [from, to] = sliceRange(starts[index]!, ends[index]!, step, dims[axis]!);
      const count = Math.max(0, Math.ceil((to - from) / step));
      const positions = Array.from({ length: count }, (_, at) => from + at * step);
      value = b.op('Gather', [value, b.ints(positions)], { axis });
    });
    return [value];
  },
};
