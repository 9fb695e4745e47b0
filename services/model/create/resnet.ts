// A small residual convolutional image tower: pixel_values [batch, 3, side, side] → image_embeds.

import { tensor, type GraphBuilder, type Value } from '#onnx';
import type { Random } from '#random';
import type { ResNetConfig } from './config';
import { filled, layerNorm, normalWeight } from './layers';

/** A convolution with bias, initialised as He et al. 2015 do for ReLU. Height and width / stride. */
function convolution(
  b: GraphBuilder,
  random: Random,
  name: string,
  x: Value,
  [from, to]: [number, number],
  stride: number,
): Value {
  const deviation = Math.sqrt(2 / (from * 9));
  const kernel = normalWeight(b, random, `${name}.weight`, [to, from, 3, 3], deviation);
  return b.op('Conv', [x, kernel, filled(b, `${name}.bias`, to, 0)], {
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
    strides: [stride, stride],
  });
}

/** LayerNormalization over the channels of each pixel. */
function channelNorm(
  b: GraphBuilder,
  name: string,
  x: Value,
  channels: number,
  epsilon: number,
): Value {
  const last = b.op('Transpose', [x], { perm: [0, 2, 3, 1] });
  const normed = layerNorm(b, name, last, channels, epsilon);
  return b.op('Transpose', [normed], { perm: [0, 3, 1, 2] });
}

/**
 * The mean over pixels of what each place's own matrix makes of its channels [batch, projection]: "left is red" is
 * lost in the mean of the pixels themselves. Begins at zero.
 */
function placed(
  b: GraphBuilder,
  x: Value,
  [width, pixels, projection]: [number, number, number],
  config: ResNetConfig,
  random: Random,
): Value {
  const { spatial_size: size, layer_norm_eps: epsilon } = config;
  const name = 'vision_model.places';
  const flat = b.op('Reshape', [x, b.ints([0, 0, -1])]);
  const byPlace = b.op('Transpose', [flat], { perm: [2, 0, 1] });
  const normed = layerNorm(b, `${name}.norm`, byPlace, width, epsilon);
  const reduced = normalWeight(b, random, `${name}.reduce`, [width, size], width ** -0.5);
  const few = b.op('MatMul', [normed, reduced]);
  const dims = [pixels, size, projection];
  const zeros = new Float32Array(pixels * size * projection);
  const weight = b.initializer(`${name}.weight`, tensor(zeros, dims, 'float32'));
  return b.op('ReduceMean', [b.op('MatMul', [few, weight])], { axes: [0], keepdims: 0 });
}

/**
 * Writes the tower: a stem that halves the picture, then stages that each halve it again and add
 * pre-activation blocks x + conv(relu(conv(norm(x)))) (He et al. 2016), then the mean over pixels,
 * a norm and the projection. Norms are over channels: nothing depends on the rest of the batch.
 */
export function resnetTower(
  b: GraphBuilder,
  config: ResNetConfig,
  projectionSize: number,
  random: Random,
): void {
  const { image_size: side, hidden_sizes: widths, depths, layer_norm_eps: epsilon } = config;
  const name = 'vision_model';
  const pixels = b.input('pixel_values', 'float32', ['batch', 3, side, side]);
  let width = config.embedding_size;
  let x = b.op('Relu', [convolution(b, random, `${name}.stem`, pixels, [3, width], 2)]);
  widths.forEach((next, stage) => {
    x = convolution(b, random, `${name}.stages.${stage}.down`, x, [width, next], 2);
    width = next;
    for (let block = 0; block < depths[stage]!; block++) {
      const at = `${name}.stages.${stage}.blocks.${block}`;
      const normed = channelNorm(b, `${at}.norm`, x, width, epsilon);
      const inner = b.op('Relu', [
        convolution(b, random, `${at}.conv1`, normed, [width, width], 1),
      ]);
      x = b.op('Add', [x, convolution(b, random, `${at}.conv2`, inner, [width, width], 1)]);
    }
  });
  const pooled = b.op('ReduceMean', [x], { axes: [2, 3], keepdims: 0 });
  const normed = layerNorm(b, `${name}.post_layernorm`, pooled, width, epsilon);
  const projection = normalWeight(
    b,
    random,
    'visual_projection.weight',
    [width, projectionSize],
    width ** -0.5,
  );
  const whole = b.op('MatMul', [normed, projection]);
  const pixelsLeft = widths.reduce((length) => Math.ceil(length / 2), Math.ceil(side / 2)) ** 2;
  const embeds =
    config.spatial_size === 0
      ? whole
      : b.op('Add', [whole, placed(b, x, [width, pixelsLeft, projectionSize], config, random)]);
  b.output(embeds, 'image_embeds', 'float32', ['batch', projectionSize]);
}
