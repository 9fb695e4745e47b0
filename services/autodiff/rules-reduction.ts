// Gradient rules of reductions and normalisations.

import { numberAttribute, numbers, positive, reductionAxes, size, type Value } from '#onnx';
import { simple, type RuleContext } from './rule';

/** Axes of a reduction, and its input's shape with those axes set to 1. */
function reduced({ ops, node, inputs: [x, axesInput] }: RuleContext) {
  const dims = ops.dims(x!);
  const constant = ops.b.constantOf(axesInput);
  const axes = reductionAxes(node, constant && numbers(constant), dims.length);
  const kept = dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return { dims, axes, kept, count: size(axes.map((axis) => dims[axis]!)) };
}

export const reductionRules = simple({
  // y = Σ x: every x has gradient g
  ReduceSum: (g, context) => {
    const { dims, kept } = reduced(context);
    return [() => context.ops.expand(context.ops.reshape(g, kept), dims), null];
  },
  // y = Σ x / n
  ReduceMean: (g, context) => {
    const { dims, kept, count } = reduced(context);
    const { ops } = context;
    return [() => ops.expand(ops.scale(ops.reshape(g, kept), 1 / count), dims), null];
  },
  // y = Σ x²: dy/dx = 2 x
  ReduceSumSquare: (g, context) => {
    const { kept } = reduced(context);
    const { ops, inputs } = context;
    return [() => ops.mul(inputs[0]!, ops.scale(ops.reshape(g, kept), 2)), null];
  },
  // y = √Σ x²: dy/dx = x / y
  ReduceL2: (g, context) => {
    const { kept } = reduced(context);
    const { ops, inputs, outputs } = context;
    const norm = () => ops.reshape(outputs[0]!, kept);
    return [() => ops.mul(inputs[0]!, ops.div(ops.reshape(g, kept), norm())), null];
  },
  // y = max x: g is shared among the x that reach the maximum
  ReduceMax: (g, context) => {
    const { axes, kept } = reduced(context);
    const { ops, inputs, outputs } = context;
    const gradient = () => {
      const maximum = ops.reshape(outputs[0]!, kept);
      const hit = ops.cast(ops.b.op('Equal', [inputs[0]!, maximum]), inputs[0]!);
      const share = ops.div(ops.reshape(g, kept), ops.reduceSum(hit, axes, true));
      return ops.mul(hit, share);
    };
    return [gradient, null];
  },
  // y = (x − mean) w / √(var + ε) + b with fixed mean and variance, which are no weights
  BatchNormalization: (g, { ops, node, inputs }) => {
    const [x, weight, , mean, variance] = inputs as [Value, Value, Value, Value, Value];
    const dims = ops.dims(x);
    const alike = dims.map((dim, axis) => (axis === 1 ? dim : 1));
    const others = dims.map((_, axis) => axis).filter((axis) => axis !== 1);
    const epsilon = ops.scalar(numberAttribute(node, 'epsilon', 1e-5), variance);
    const deviation = ops.b.op('Sqrt', [ops.add(variance, epsilon)]);
    const normalized = () =>
      ops.div(ops.sub(x, ops.reshape(mean, alike)), ops.reshape(deviation, alike));
    return [
      () => ops.mul(g, ops.reshape(ops.div(weight, deviation), alike)),
      () => ops.reduceSum(ops.mul(g, normalized()), others),
      () => ops.reduceSum(g, others),
      null,
      null,
    ];
  },
  // y = x̂ w + b, x̂ = (x − mean) · inv, inv = 1 / √(var + ε), over the last axes (Ba et al. 2016)
  // dL/dx = inv · (g w − mean(g w) − x̂ · mean(g w x̂)), as matrices of one row an x̂: the means are
  // products with the vector w / n, of g and of g x̂, which the gradient of w sums too.
  LayerNormalization: (g, context) => {
    const { ops, node, inputs } = context;
    const [x, weight, bias] = inputs as [Value, Value, Value?];
    const dims = ops.dims(x);
    const first = positive(numberAttribute(node, 'axis', -1), dims.length);
    const [rows, columns] = [size(dims.slice(0, first)), size(dims.slice(first))];
    const matrix = (value: Value) => ops.reshape(value, [rows, columns]);
    const [mean, inv] = layerNormStatistics(context).map((value) => ops.reshape(value, [rows, 1]));
    const normalized = ops.mul(ops.sub(matrix(x), mean!), inv!);
    const gradient = matrix(g);
    const product = ops.mul(gradient, normalized);
    const inputGradient = () => {
      const share = ops.scale(ops.reshape(weight, [columns, 1]), 1 / columns);
      const slope = ops.mul(normalized, ops.matmul(product, share));
      const weighted = ops.mul(gradient, ops.reshape(weight, [columns]));
      const centred = ops.sub(ops.sub(weighted, ops.matmul(gradient, share)), slope);
      return ops.reshape(ops.mul(centred, inv!), dims);
    };
    const sumOfRows = (value: Value, like: Value) =>
      ops.reshape(ops.reduceSum(value, [0]), ops.dims(like));
    return [
      inputGradient,
      () => sumOfRows(product, weight),
      ...(bias === undefined ? [] : [() => sumOfRows(gradient, bias)]),
    ];
  },
});

/** Asks the forward node for its optional outputs: mean and inverse standard deviation. */
function layerNormStatistics({ ops, node }: RuleContext): [Value, Value] {
  if (node.outputs.length < 3) {
    node.outputs = [node.outputs[0]!, ops.b.fresh('mean'), ops.b.fresh('inverse_deviation')];
    ops.b.infer(node);
  }
  return [node.outputs[1]!, node.outputs[2]!];
}
