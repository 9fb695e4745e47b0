// Operations of ONNX that are made of simpler ones here, each with the formula it stands for.

import { numberAttribute, numbersAttribute } from './attributes';
import type { GraphBuilder, Value } from './builder';
import type { Rewrite } from './rewrite';
import { constantNumbers } from './rewrite-spelling';
import { positive, size } from './shapes';
import type { Node } from './types';

/** Lifts a formula of one input to a rewriting. */
function formula(build: (b: GraphBuilder, x: Value, node: Node) => Value): Rewrite {
  return (b, node) => [build(b, node.inputs[0]!, node)];
}

/** Arithmetic on values and numbers, whose element type is that of `like`. */
export function arithmetic(b: GraphBuilder, like: Value) {
  const value = (x: Value | number) => (typeof x === 'number' ? b.scalar(x, like) : x);
  const binary = (op: string) => (x: Value | number, y: Value | number) =>
    b.op(op, [value(x), value(y)]);
  return {
    add: binary('Add'),
    sub: binary('Sub'),
    mul: binary('Mul'),
    div: binary('Div'),
    greater: binary('Greater'),
    where: (c: Value, x: Value | number, y: Value | number) =>
      b.op('Where', [c, value(x), value(y)]),
    unary: (op: string, x: Value) => b.op(op, [x]),
    mean: (x: Value, axes: number[]) => b.op('ReduceMean', [x], { axes, keepdims: 1 }),
  };
}

/** x for x > 0, else what `below` makes of it. */
function belowZero(below: (b: GraphBuilder, x: Value, node: Node) => Value): Rewrite {
  return formula((b, x, node) => {
    const { where, greater } = arithmetic(b, x);
    return where(greater(x, 0), x, below(b, x, node));
  });
}

/** α (eˣ − 1) of the part of x below zero, so that nothing overflows */
function exponential(b: GraphBuilder, x: Value, alpha: number, divisor = 1): Value {
  const { where, greater, div, mul, sub, unary } = arithmetic(b, x);
  const negative = where(greater(x, 0), 0, divisor === 1 ? x : div(x, divisor));
  return mul(sub(unary('Exp', negative), 1), alpha);
}

/** The axes after the first `count`. */
function axesAfter(b: GraphBuilder, x: Value, count: number): number[] {
  return b.dims(x).flatMap((_, axis) => (axis < count ? [] : [axis]));
}

/** (x − mean) / √(var + ε) over `axes` */
export function normalized(b: GraphBuilder, x: Value, axes: number[], epsilon: number): Value {
  const { sub, mul, add, div, unary, mean } = arithmetic(b, x);
  const centred = sub(x, mean(x, axes));
  return div(centred, unary('Sqrt', add(mean(mul(centred, centred), axes), epsilon)));
}

/** A vector of channels as [channels, 1, …], which broadcasts over [batch, channels, …]. */
function alongChannels(b: GraphBuilder, vector: Value, like: Value): Value {
  const ones = axesAfter(b, like, 2).map(() => 1);
  return b.op('Reshape', [vector, b.ints([size(b.dims(vector)), ...ones])]);
}

/** x w + b, a weight and a bias a channel */
function channelAffine(b: GraphBuilder, x: Value, weight: Value, bias: Value): Value {
  const { add, mul } = arithmetic(b, x);
  return add(mul(x, alongChannels(b, weight, x)), alongChannels(b, bias, x));
}

/** Each group's weight for each of its channels: opset 18 has one a group, 21 one a channel. */
function perChannel(b: GraphBuilder, vector: Value, channels: number): Value {
  const count = size(b.dims(vector));
  if (count === channels) return vector;
  const spread = b.op('Expand', [
    b.op('Reshape', [vector, b.ints([count, 1])]),
    b.ints([count, channels / count]),
  ]);
  return b.op('Reshape', [spread, b.ints([channels])]);
}

/** max(a, b) or, the other way round, min(a, b), of floats */
const extreme =
  (larger: boolean): Rewrite =>
  (b, node) => {
    if (!b.type(node.inputs[0]!).dataType.startsWith('float')) return undefined;
    return [
      node.inputs.reduce((x, y) => {
        const { where, greater } = arithmetic(b, x);
        return larger ? where(greater(x, y), x, y) : where(greater(x, y), y, x);
      }),
    ];
  };

/** Axes of a reduction, from the input or the attribute, as one list. */
function reduced(b: GraphBuilder, node: Node): { axes?: number[]; keepdims: number } {
  const axes = constantNumbers(b, node, 1) ?? numbersAttribute(node, 'axes');
  const keepdims = numberAttribute(node, 'keepdims', 1);
  return axes?.length ? { axes, keepdims } : { keepdims };
}

function reduceSum(b: GraphBuilder, x: Value, { axes, keepdims }: ReturnType<typeof reduced>) {
  return b.op('ReduceSum', [x, ...(axes ? [b.ints(axes)] : [])], { keepdims });
}

export const compositions: Record<string, Rewrite> = {
  Mish: formula((b, x) => {
    const { mul, unary } = arithmetic(b, x);
    return mul(x, unary('Tanh', unary('Softplus', x)));
  }),
  Swish: formula((b, x, node) => {
    const { mul, unary } = arithmetic(b, x);
    const alpha = numberAttribute(node, 'alpha', 1);
    return mul(x, unary('Sigmoid', alpha === 1 ? x : mul(x, alpha)));
  }),
  Softsign: formula((b, x) => {
    const { div, add, unary } = arithmetic(b, x);
    return div(x, add(unary('Abs', x), 1));
  }),
  Elu: belowZero((b, x, node) => exponential(b, x, numberAttribute(node, 'alpha', 1))),
  // max(0, x) + min(0, α (exp(x / α) − 1))
  Celu: belowZero((b, x, node) => {
    const alpha = numberAttribute(node, 'alpha', 1);
    return exponential(b, x, alpha, alpha);
  }),
  // γ (x for x > 0, else α (eˣ − 1))
  Selu: formula((b, x, node) => {
    const { where, greater, mul } = arithmetic(b, x);
    const alpha = numberAttribute(node, 'alpha', 1.67326319217681884765625);
    const gamma = numberAttribute(node, 'gamma', 1.05070102214813232421875);
    return mul(where(greater(x, 0), x, exponential(b, x, alpha)), gamma);
  }),
  PRelu: belowZero((b, x, node) => b.op('Mul', [x, node.inputs[1]!])),
  Max: extreme(true),
  Min: extreme(false),
  ReduceL1: (b, node) => [reduceSum(b, b.op('Abs', [node.inputs[0]!]), reduced(b, node))],
  ReduceLogSum: (b, node) => [b.op('Log', [reduceSum(b, node.inputs[0]!, reduced(b, node))])],
  // m + ln Σ exp(x − m) with m the maximum
  ReduceLogSumExp: (b, node) => {
    const x = node.inputs[0]!;
    const { sub, add, unary } = arithmetic(b, x);
    const axes = reduced(b, node);
    const top = b.op('ReduceMax', [x], { ...axes, keepdims: 1 });
    const log = unary('Log', reduceSum(b, unary('Exp', sub(x, top)), { ...axes, keepdims: 1 }));
    const kept = add(log, top);
    const dims = b.dims(reduceSum(b, x, axes));
    return [axes.keepdims === 1 ? kept : b.op('Reshape', [kept, b.ints(dims)])];
  },
  ReduceMin: (b, node) => {
    const x = node.inputs[0]!;
    if (!b.type(x).dataType.startsWith('float')) return undefined;
    const { axes, keepdims } = reduced(b, node);
    const top = b.op('ReduceMax', [b.op('Neg', [x])], { ...(axes ? { axes } : {}), keepdims });
    return [b.op('Neg', [top])];
  },
  GlobalMaxPool: formula((b, x) =>
    b.op('ReduceMax', [x], { axes: axesAfter(b, x, 2), keepdims: 1 }),
  ),
  // x / ‖x‖ₚ
  LpNormalization: formula((b, x, node) => {
    const axes = [positive(numberAttribute(node, 'axis', -1), b.dims(x).length)];
    const norm =
      numberAttribute(node, 'p', 2) === 1
        ? reduceSum(b, b.op('Abs', [x]), { axes, keepdims: 1 })
        : b.op('ReduceL2', [x], { axes, keepdims: 1 });
    return b.op('Div', [x, norm]);
  }),
  InstanceNormalization: formula((b, x, node) =>
    channelAffine(
      b,
      normalized(b, x, axesAfter(b, x, 2), numberAttribute(node, 'epsilon', 1e-5)),
      node.inputs[1]!,
      node.inputs[2]!,
    ),
  ),
  GroupNormalization: formula((b, x, node) => {
    const dims = b.dims(x);
    const groups = numberAttribute(node, 'num_groups', 1);
    const grouped = b.op('Reshape', [x, b.ints([dims[0]!, groups, size(dims.slice(1)) / groups])]);
    const norm = normalized(b, grouped, [2], numberAttribute(node, 'epsilon', 1e-5));
    const [weight, bias] = node.inputs
      .slice(1)
      .map((vector) => perChannel(b, vector, dims[1]!)) as [Value, Value];
    return channelAffine(b, b.op('Reshape', [norm, b.ints(dims)]), weight, bias);
  }),
  // x / √(mean x² + ε) · w (Zhang & Sennrich 2019)
  RMSNormalization: formula((b, x, node) => {
    const { mul, add, div, unary, mean } = arithmetic(b, x);
    const first = positive(numberAttribute(node, 'axis', -1), b.dims(x).length);
    const power = mean(mul(x, x), axesAfter(b, x, first));
    const root = unary('Sqrt', add(power, numberAttribute(node, 'epsilon', 1e-5)));
    return mul(div(x, root), node.inputs[1]!);
  }),
  // Positions over several axes as one: a lookup along one axis, whose gradient is added up safely.
  GatherND: (b, node) => {
    const [data, indices] = node.inputs as [Value, Value];
    if (numberAttribute(node, 'batch_dims', 0) !== 0) return undefined;
    const [dims, at] = [b.dims(data), b.dims(indices)];
    const depth = at.at(-1)!;
    const strides = dims.slice(0, depth).map((_, axis) => size(dims.slice(axis + 1, depth)));
    const limits = b.ints(dims.slice(0, depth));
    const wrapped = b.op('Where', [
      b.op('Less', [indices, b.ints([0])]),
      b.op('Add', [indices, limits]),
      indices,
    ]);
    const rows = b.op('ReduceSum', [b.op('Mul', [wrapped, b.ints(strides)]), b.ints([-1])], {
      keepdims: 0,
    });
    const table = b.op('Reshape', [
      data,
      b.ints([size(dims.slice(0, depth)), ...dims.slice(depth)]),
    ]);
    return [b.op('Gather', [table, rows], { axis: 0 })];
  },
};
compositions['SimplifiedLayerNormalization'] = compositions['RMSNormalization']!;
