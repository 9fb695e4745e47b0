// Gradient rules of pooling over [batch, channels, height, width].

import {
  convolutionPads,
  numberAttribute,
  numbersAttribute,
  size,
  tensor,
  type Value,
} from '#onnx';
import { simple, type RuleContext } from './rule';
import { oneHotKernels } from './rules-convolution';

export const poolingRules = simple({
  // y = mean over height and width
  GlobalAveragePool: (g, { ops, inputs: [x] }) => {
    const dims = ops.dims(x!);
    return [() => ops.expand(ops.scale(g, 1 / size(dims.slice(2))), dims)];
  },
  // Every pixel of a window has an equal share: a depthwise transposed convolution of g / count.
  AveragePool: (g, { ops, node, inputs: [x] }) => {
    const dims = ops.dims(x!);
    const window = numbersAttribute(node, 'kernel_shape')!;
    const strides = numbersAttribute(node, 'strides') ?? window.map(() => 1);
    const pads = convolutionPads(node, dims, window);
    const output = ops.dims(g).slice(2);
    const counted = numberAttribute(node, 'count_include_pad', 0) === 1;
    const counts = window.map((width, axis) =>
      windowCounts(output[axis]!, dims[axis + 2]!, width, strides[axis]!, {
        before: pads[axis]!,
        after: pads[axis + window.length]!,
        counted,
      }),
    ) as [number[], number[]];
    const shares = counts[0].flatMap((rows) => counts[1].map((columns) => 1 / (rows * columns)));
    const type = ops.b.type(g).dataType;
    const each = ops.b.constant(tensor(shares, output, type));
    const ones = ops.expand(ops.scalar(1, g), [dims[1]!, 1, ...window]);
    // Beyond x lie the padding and what no window reached.
    const reached = output.map((count, axis) => (count - 1) * strides[axis]! + window[axis]!);
    const rest = reached.map((width, axis) => dims[axis + 2]! + pads[axis]! - width);
    return [
      () =>
        ops.b.op('ConvTranspose', [ops.mul(g, each), ones], {
          group: dims[1]!,
          strides,
          pads: [...pads.slice(0, window.length), ...rest.map((n) => Math.max(0, -n))],
          output_padding: rest.map((n) => Math.max(0, n)),
        }),
    ];
  },
  // g goes to where each maximum came from.
  MaxPool: (g, context) => [
    () => (context.ops.fused ? scatterToMaxima(context, g) : shareAmongMaxima(context, g)),
  ],
});

/** The forward node is asked for the positions of its maxima, which WebGPU's cannot tell. */
function scatterToMaxima({ ops, node, inputs: [x] }: RuleContext, g: Value): Value {
  const dims = ops.dims(x!);
  if (node.outputs.length < 2 || node.outputs[1] === '') {
    node.outputs = [node.outputs[0]!, ops.b.fresh('positions')];
    ops.b.infer(node);
  }
  const count = size(ops.dims(g));
  const zeros = ops.zeros([size(dims)], ops.b.type(g).dataType);
  const sums = ops.b.op(
    'ScatterElements',
    [zeros, ops.reshape(node.outputs[1]!, [count]), ops.reshape(g, [count])],
    { axis: 0, reduction: 'add' },
  );
  return ops.reshape(sums, dims);
}

/** Below any activation; finite, since the one-hot kernels multiply it by zero. */
const LOWEST = -1e30;

/**
 * Windows cut out by one-hot kernels, compared with their maximum, and put back the same way. Pixels of
 * a window that are alike share g: behind a Relu, where that happens, it goes no further.
 */
function shareAmongMaxima({ ops, node, inputs, outputs }: RuleContext, g: Value): Value {
  const [x, y] = [inputs[0]!, outputs[0]!];
  const dims = ops.dims(x);
  const [batch, channels] = dims as [number, number];
  const [height, width] = numbersAttribute(node, 'kernel_shape') as [number, number];
  const strides = numbersAttribute(node, 'strides') ?? [1, 1];
  const dilations = numbersAttribute(node, 'dilations') ?? [1, 1];
  const before = convolutionPads(node, dims, [height, width]).slice(0, 2);
  const output = ops.dims(g).slice(2);
  // Beyond x lie padding, or pixels that no window reached.
  const rest = [height, width].map((taps, axis) => {
    const reached = (output[axis]! - 1) * strides[axis]! + dilations[axis]! * (taps - 1) + 1;
    return dims[axis + 2]! + before[axis]! - reached;
  });
  const after = rest.map((pixels) => Math.max(0, -pixels));
  const around = ops.b.ints([0, 0, ...before, 0, 0, ...after]);
  const padded = ops.b.op('Pad', [x, around, ops.scalar(LOWEST, x)]);
  const kernels = oneHotKernels(ops, channels, height, width);
  const windows = ops.b.op('Conv', [padded, kernels], { group: channels, strides, dilations });
  const [cut, whole] = [windows, y].map((value) =>
    ops.reshape(value, [batch, channels, value === y ? 1 : height * width, size(output)]),
  ) as [Value, Value];
  const hit = ops.cast(ops.b.op('Equal', [cut, whole]), g);
  const share = ops.div(ops.reshape(g, ops.dims(whole)), ops.reduceSum(hit, [2], true));
  return ops.b.op('ConvTranspose', [ops.reshape(ops.mul(hit, share), ops.dims(windows)), kernels], {
    group: channels,
    strides,
    dilations,
    pads: [...before, ...after],
    output_padding: rest.map((pixels) => Math.max(0, pixels)),
  });
}

/** How many pixels each window along one axis averages over. */
function windowCounts(
  windows: number,
  dim: number,
  width: number,
  stride: number,
  { before, after, counted }: { before: number; after: number; counted: boolean },
): number[] {
  const [low, high] = counted ? [-before, dim + after] : [0, dim];
  return Array.from({ length: windows }, (_, index) => {
    const start = index * stride - before;
    return Math.min(start + width, high) - Math.max(start, low);
  });
}
