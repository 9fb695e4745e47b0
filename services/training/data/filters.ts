// What happens to a view's pixels, channel planes of 0 to 255: blur, other styles, other colours.

import type { Random } from '#random';
import type { Augmentation } from './augmentations';
import type { View } from './view';

/** Luma weights of ITU-R BT.601. */
const LUMA = [0.299, 0.587, 0.114] as const;

/** Scales brightness, contrast (about mid-grey) and saturation (about luma), clamped, normalised. */
export function colourAndNormalize(
  view: View,
  augmentation: Augmentation,
  random: Random,
  out: Float32Array,
): void {
  const plane = view.width * view.height;
  const jitter = () => 1 + random.between(-1, 1) * augmentation.colour;
  const [brightness, contrast] = [jitter(), jitter()];
  const scale = view.rescale;
  const saturation = random.uniform() < augmentation.grayscale ? 0 : jitter();
  for (let pixel = 0; pixel < plane; pixel++) {
    const r = out[pixel]!;
    const g = out[plane + pixel]!;
    const b = out[2 * plane + pixel]!;
    const luma = LUMA[0] * r + LUMA[1] * g + LUMA[2] * b;
    for (let channel = 0; channel < 3; channel++) {
      const index = channel * plane + pixel;
      const saturated = luma + saturation * (out[index]! - luma);
      const value = ((saturated - 127.5) * contrast + 127.5) * brightness;
      const byte = Math.min(Math.max(value, 0), 255);
      out[index] = (byte * scale - view.mean[channel]!) / view.std[channel]!;
    }
  }
}

/** Convolves each channel plane with a Gaussian, rows then columns, the edge repeated outside. */
export function blur({ width, height }: View, sigma: number, out: Float32Array): void {
  const radius = Math.ceil(3 * sigma);
  const kernel = Float32Array.from({ length: 2 * radius + 1 }, (_, at) =>
    Math.exp(-0.5 * ((at - radius) / sigma) ** 2),
  );
  const total = kernel.reduce((sum, weight) => sum + weight, 0);
  const line = new Float32Array(Math.max(width, height));
  // `count` values from `first`, `stride` apart.
  const convolve = (first: number, count: number, stride: number) => {
    for (let at = 0; at < count; at++) line[at] = out[first + at * stride]!;
    for (let at = 0; at < count; at++) {
      let sum = 0;
      for (let tap = -radius; tap <= radius; tap++) {
        sum += kernel[tap + radius]! * line[Math.min(Math.max(at + tap, 0), count - 1)]!;
      }
      out[first + at * stride] = sum / total;
    }
  };
  for (let plane = 0; plane < out.length; plane += width * height) {
    for (let row = 0; row < height; row++) convolve(plane + row * width, width, 1);
    for (let column = 0; column < width; column++) convolve(plane + column, height, width);
  }
}

/** Sides of the kernels that `restyle` draws, and the grey that it keeps. */
const KERNELS = [1, 3] as const;
const GREY = 127.5;

/**
 * Convolves the view with random weights of all its channels and mixes the outcome with the view: other colours and
 * edges, the same shapes, so that what is learned is less the style of who drew it (RandConv, Xu et al. 2021).
 * The weights' standard deviation is 1/√fan-in about mid-grey, which keeps the contrast; the edge is repeated outside.
 */
export function restyle({ width, height }: View, random: Random, out: Float32Array): void {
  const side = KERNELS[random.below(KERNELS.length)]!;
  const reach = (side - 1) / 2;
  const taps = 3 * side * side;
  const share = random.uniform();
  const weights = Float32Array.from(
    { length: 3 * taps },
    () => (random.normal() * (1 - share)) / Math.sqrt(taps),
  );
  const plane = width * height;
  const view = out.slice();
  const window = new Float32Array(taps);
  for (let at = 0; at < plane; at++) {
    const [row, column] = [Math.floor(at / width), at % width];
    let tap = 0;
    for (let y = row - reach; y <= row + reach; y++) {
      const line = Math.min(Math.max(y, 0), height - 1) * width;
      for (let x = column - reach; x <= column + reach; x++) {
        const from = line + Math.min(Math.max(x, 0), width - 1);
        for (let of = from; of < view.length; of += plane) window[tap++] = view[of]! - GREY;
      }
    }
    for (let channel = 0; channel < 3; channel++) {
      let sum = GREY + share * (view[channel * plane + at]! - GREY);
      for (let of = 0; of < taps; of++) sum += weights[channel * taps + of]! * window[of]!;
      out[channel * plane + at] = sum;
    }
  }
}
