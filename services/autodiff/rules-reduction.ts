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
  // dL/dx = inv · (d − mean(d) − x̂ · mean(d x̂)) with d = g w
  LayerNormalization: (g, context) => {
    const { ops, node, inputs } = context;
    const [x, weight, bias] = inputs as [Value, Value, Value?];
    const dims = ops.dims(x);
    const first = positive(numberAttribute(node, 'axis', -1), dims.length);
    const inner = dims.map((_, axis) => axis).slice(first);
    const outer = dims.map((_, axis) => axis).slice(0, first);
    const [mean, inv] = layerNormStatistics(context);
    const normalized = ops.mul(ops.sub(x, mean), inv);
    const meanOf = (value: Value) =>
      ops.scale(ops.reduceSum(value, inner, true), 1 / size(inner.map((axis) => dims[axis]!)));
    const inputGradient = () => {
      const d = ops.mul(g, weight);
      const slope = ops.mul(normalized, meanOf(ops.mul(d, normalized)));
      return ops.mul(inv, ops.sub(ops.sub(d, meanOf(d)), slope));
    };
    return [
      inputGradient,
      () => ops.reduceSum(ops.mul(g, normalized), outer),
      ...(bias === undefined ? [] : [() => ops.reduceSum(g, outer)]),
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
