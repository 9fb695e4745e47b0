// Gradient rule of convolution over [batch, channels, height, width].

import { convolutionPads, numberAttribute, numbersAttribute, size, type Value } from '#onnx';
import type { Ops } from './ops';
import { simple, type RuleContext } from './rule';

interface Convolution {
  ops: Ops;
  x: Value;
  w: Value;
  /** [batch, channels, height, width] */
  input: [number, number, number, number];
  /** [filters, channels / group, height, width] */
  kernel: [number, number, number, number];
  group: number;
  strides: [number, number];
  dilations: [number, number];
  /** top, left, bottom, right */
  pads: [number, number, number, number];
}

function read({ ops, node, inputs: [x, w] }: RuleContext): Convolution {
  const input = ops.dims(x!);
  const kernel = ops.dims(w!);
  if (input.length !== 4) throw new Error('Conv is differentiated for two spatial axes only');
  return {
    ops,
    x: x!,
    w: w!,
    input: input as Convolution['input'],
    kernel: kernel as Convolution['kernel'],
    group: numberAttribute(node, 'group', 1),
    strides: (numbersAttribute(node, 'strides') ?? [1, 1]) as [number, number],
    dilations: (numbersAttribute(node, 'dilations') ?? [1, 1]) as [number, number],
    pads: convolutionPads(node, input, kernel.slice(2)) as Convolution['pads'],
  };
}

export const convolutionRules = simple({
  Conv: (g, context) => {
    const convolution = read(context);
    return [
      () => inputGradient(convolution, g),
      () => kernelGradient(convolution, g),
      () => context.ops.reduceSum(g, [0, 2, 3]),
    ];
  },
});

/** dX: a convolution of g with the flipped kernel at stride 1, else a transposed convolution. */
function inputGradient(c: Convolution, g: Value): Value {
  const { ops, input, kernel, pads, strides, dilations, group } = c;
  const [height, width] = [kernel[2], kernel[3]];
  const reach: [number, number] = [dilations[0] * (height - 1), dilations[1] * (width - 1)];
  const back = pads.map((pad, side) => reach[side % 2]! - pad);
  if (strides.every((stride) => stride === 1) && back.every((pad) => pad >= 0)) {
    return ops.b.op('Conv', [g, flipped(c)], { group, pads: back, dilations });
  }
  const [, , rows, columns] = ops.dims(g);
  const spread = (count: number, axis: 0 | 1) =>
    (count - 1) * strides[axis] - pads[axis] - pads[axis + 2]! + reach[axis] + 1;
  const outputPadding = [input[2] - spread(rows!, 0), input[3] - spread(columns!, 1)];
  return ops.b.op('ConvTranspose', [g, c.w], {
    group,
    strides,
    pads,
    dilations,
    output_padding: outputPadding,
  });
}

/** The kernel turned by 180° with its input and output channels swapped, group by group. */
function flipped({ ops, w, kernel, group }: Convolution): Value {
  const [filters, channels, height, width] = kernel;
  let turned = w;
  for (const [axis, length] of [
    [2, height],
    [3, width],
  ] as const) {
    if (length === 1) continue;
    const backwards = Array.from({ length }, (_, index) => length - 1 - index);
    turned = ops.b.op('Gather', [turned, ops.b.ints(backwards)], { axis });
  }
  if (group === 1) return ops.transpose(turned, [1, 0, 2, 3]);
  const apart = ops.reshape(turned, [group, filters / group, channels, height, width]);
  return ops.reshape(ops.transpose(apart, [0, 2, 1, 3, 4]), [
    group * channels,
    filters / group,
    height,
    width,
  ]);
}

/** dW by the cheapest form that fits; all are products of patches with g, ordered differently. */
function kernelGradient(c: Convolution, g: Value): Value {
  const { ops, kernel, strides, pads, group, input, dilations } = c;
  const unpadded = pads.every((pad) => pad === 0);
  const tiles = kernel[2] === strides[0] && kernel[3] === strides[1];
  const divides = input[2] % kernel[2] === 0 && input[3] % kernel[3] === 0;
  const undilated = dilations.every((dilation) => dilation === 1);
  if (group === 1 && unpadded && tiles && divides && undilated) return patchKernelGradient(c, g);
  if (group === input[1] && kernel[0] === input[1]) return depthwiseKernelGradient(c, g);
  if (group > 1) return groupedKernelGradient(c, g);
  // A gradient for each sample, to be summed, is larger than its patches where filters outnumber pixels.
  const pixels = size(ops.dims(g).slice(2));
  return kernel[0] > 2 * pixels ? gatheredKernelGradient(c, g) : columnKernelGradient(c, g);
}

/** Kernel and stride alike (patch embeddings, 1 × 1): patches as rows, dW = gᵀ · patches. */
function patchKernelGradient({ ops, x, w, input, kernel }: Convolution, g: Value): Value {
  const [batch, channels, height, width] = input;
  const [, , kernelHeight, kernelWidth] = kernel;
  const [rows, columns] = [height / kernelHeight, width / kernelWidth];
  const apart = ops.reshape(x, [batch, channels, rows, kernelHeight, columns, kernelWidth]);
  const patches = ops.reshape(ops.transpose(apart, [0, 2, 4, 1, 3, 5]), [
    batch * rows * columns,
    channels * kernelHeight * kernelWidth,
  ]);
  const outputs = ops.flatten(ops.transpose(g, [0, 2, 3, 1]));
  return ops.reshape(ops.matmul(outputs, patches, { transA: true }), ops.dims(w));
}

/**
 * Height and width of x convolved with g where g's dilation is the stride: the kernel, and rows and
 * columns beyond it that the stride left unused.
 */
function correlate(c: Convolution, left: Value, right: Value, group: number): Value {
  const { ops, pads, strides, dilations, kernel } = c;
  const full = ops.b.op('Conv', [left, right], {
    group,
    pads,
    dilations: strides,
    strides: dilations,
  });
  const [, , height, width] = ops.dims(full);
  if (height === kernel[2] && width === kernel[3]) return full;
  return ops.b.op('Slice', [
    full,
    ops.b.ints([0, 0]),
    ops.b.ints([kernel[2], kernel[3]]),
    ops.b.ints([2, 3]),
  ]);
}

/** One group a sample and channel: x as [1, N·C, …] convolved with g as [N·C, 1, …], summed over N. */
function depthwiseKernelGradient(c: Convolution, g: Value): Value {
  const { ops, x, w, input, kernel } = c;
  const [batch, channels, height, width] = input;
  const [, , rows, columns] = ops.dims(g);
  const each = correlate(
    c,
    ops.reshape(x, [1, batch * channels, height, width]),
    ops.reshape(g, [batch * channels, 1, rows!, columns!]),
    batch * channels,
  );
  const apart = ops.reshape(each, [batch, channels, kernel[2], kernel[3]]);
  return ops.reshape(ops.reduceSum(apart, [0]), ops.dims(w));
}

/** Patches cut by a convolution with one-hot kernels, then dW = Σ over samples of g · patchesᵀ. */
function columnKernelGradient(c: Convolution, g: Value): Value {
  const { ops, x, w, input, kernel, strides, pads, dilations } = c;
  const [batch, channels] = input;
  const [filters, , height, width] = kernel;
  const taps = height * width;
  const kernels = oneHotKernels(ops, channels, height, width);
  const columns = ops.b.op('Conv', [x, kernels], { group: channels, strides, pads, dilations });
  const count = size(ops.dims(g).slice(2));
  const products = ops.matmul(
    ops.reshape(g, [batch, filters, count]),
    ops.reshape(columns, [batch, channels * taps, count]),
    { transB: true },
  );
  return ops.reshape(ops.reduceSum(products, [0]), ops.dims(w));
}

/**
 * Patches gathered as rows of x, pixel by pixel, then dW = gᵀ · patches in one product over all samples.
 * Channels come last meanwhile, so that each tap of a patch is copied in one piece.
 */
function gatheredKernelGradient(c: Convolution, g: Value): Value {
  const { ops, x, input, kernel, pads } = c;
  const [batch, channels, height, width] = input;
  const [filters, , kernelHeight, kernelWidth] = kernel;
  const [top, left, bottom, right] = pads;
  const [, , rows, columns] = ops.dims(g);
  const last = ops.transpose(x, [0, 2, 3, 1]);
  const padded = pads.some((pad) => pad > 0)
    ? ops.pad(last, [0, top, left, 0], [0, bottom, right, 0])
    : last;
  const [paddedHeight, paddedWidth] = [height + top + bottom, width + left + right];
  const pixels = ops.reshape(padded, [batch, paddedHeight * paddedWidth, channels]);
  const taps = ops.b.ints(tapsOf(c, rows!, columns!, paddedWidth));
  const patches = ops.reshape(ops.b.op('Gather', [pixels, taps], { axis: 1 }), [
    batch * rows! * columns!,
    kernelHeight * kernelWidth * channels,
  ]);
  const outputs = ops.flatten(ops.transpose(g, [0, 2, 3, 1]));
  const product = ops.matmul(outputs, patches, { transA: true });
  const apart = ops.reshape(product, [filters, kernelHeight, kernelWidth, channels]);
  return ops.transpose(apart, [0, 3, 1, 2]);
}

/** Of each output pixel, which padded input pixels the kernel's taps see: [rows · columns · taps]. */
function tapsOf(
  { kernel, strides, dilations }: Convolution,
  rows: number,
  columns: number,
  width: number,
): number[] {
  const taps: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let y = 0; y < kernel[2]; y++) {
        for (let x = 0; x < kernel[3]; x++) {
          const at = row * strides[0] + y * dilations[0];
          taps.push(at * width + column * strides[1] + x * dilations[1]);
        }
      }
    }
  }
  return taps;
}

/** Groups wider than one channel: samples as channels, g's filters as kernels, group by group. */
function groupedKernelGradient(c: Convolution, g: Value): Value {
  const { ops, x, input, kernel, group } = c;
  const [batch, , height, width] = input;
  const channels = kernel[1];
  const apart = ops.reshape(x, [batch, group, channels, height, width]);
  const swapped = ops.reshape(ops.transpose(apart, [2, 1, 0, 3, 4]), [
    channels,
    group * batch,
    height,
    width,
  ]);
  const filters = ops.transpose(g, [1, 0, 2, 3]);
  return ops.transpose(correlate(c, swapped, filters, group), [1, 0, 2, 3]);
}

/** For each channel and each pixel of a window, a kernel that is 1 there: [C · h · w, 1, h, w]. */
export function oneHotKernels(ops: Ops, channels: number, height: number, width: number): Value {
  const taps = height * width;
  const data = new Float32Array(channels * taps * taps);
  for (let index = 0; index < channels * taps; index++) data[index * taps + (index % taps)] = 1;
  return ops.b.constant({ dataType: 'float32', dims: [channels * taps, 1, height, width], data });
}
