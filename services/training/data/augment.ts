// Augmentation: from a decoded picture to the tensor of a random view of it.

import type { Preprocessing } from '#model';
import type { Random } from '#random';

/** RGB bytes, interleaved, row by row. */
export interface Picture {
  data: Uint8Array;
  width: number;
  height: number;
}

/** The tensor a picture becomes, so that what is not augmented is what evaluation sees. */
export interface View {
  width: number;
  height: number;
  /** value = (byte · rescale − mean) / std, by channel. */
  rescale: number;
  mean: readonly number[];
  std: readonly number[];
  /** What evaluation's centre crop leaves of the shorter side. */
  cover: number;
  /** Whether pictures are stretched to the view's shape, and not cut to it. */
  stretch: boolean;
}

/** The view that a model's preprocessing makes. */
export function viewOf(preprocessing: Preprocessing): View {
  const { width, height, rescale, mean, std, resize } = preprocessing;
  const edge = resize !== null && 'shortestEdge' in resize ? resize.shortestEdge : undefined;
  return {
    width,
    height,
    rescale,
    mean,
    std,
    cover: edge === undefined ? 1 : Math.min(1, Math.min(width, height) / edge),
    stretch: resize !== null && 'width' in resize,
  };
}

/** The size that pictures are decoded to: larger than the view, so that few cuts are enlarged. */
export function decodedSize(
  view: View,
  augmentation: Augmentation,
): { width: number; height: number } {
  // Between that of the whole picture and that of the smallest cut, by the geometric mean.
  const scale = Math.min(1, augmentation.area[0]) ** -0.25 / view.cover;
  return { width: Math.round(view.width * scale), height: Math.round(view.height * scale) };
}

export interface Augmentation {
  /** Bounds of the cut's area as a share of the picture's; above 1 it reaches past the edges. */
  area: [number, number];
  /** Bounds of the cut's aspect ratio. */
  ratio: [number, number];
  /** Largest rotation, in degrees. */
  rotation: number;
  /** Largest relative change of brightness, contrast and saturation. */
  colour: number;
  /** Share of views that lose their colour. */
  grayscale: number;
  /** Share of views that are blurred. */
  blur: number;
  /** Share of views whose colours and textures become others, while shapes stay (`restyle`). */
  style: number;
  /** Share of views that are mirrored. Whether a run does is also a question of its captions: sides.ts. */
  flip: number;
}

const STRONG: Augmentation = {
  area: [0.5, 1.3],
  ratio: [0.8, 1.25],
  rotation: 12,
  colour: 0.3,
  grayscale: 0.05,
  blur: 0.1,
  style: 0,
  flip: 0.5,
};

/**
 * Named strengths. `style` is `strong` for drawings that are to be known in other styles as well; `views` is for two
 * views of a picture against each other (SimCLR, Chen et al. 2020).
 */
export const AUGMENTATIONS = {
  none: {
    area: [1, 1],
    ratio: [1, 1],
    rotation: 0,
    colour: 0,
    grayscale: 0,
    blur: 0,
    style: 0,
    flip: 0,
  },
  light: {
    area: [0.7, 1],
    ratio: [0.9, 1.1],
    rotation: 0,
    colour: 0.1,
    grayscale: 0,
    blur: 0,
    style: 0,
    flip: 0.5,
  },
  strong: STRONG,
  style: { ...STRONG, style: 0.3 },
  views: {
    area: [0.2, 1],
    ratio: [3 / 4, 4 / 3],
    rotation: 0,
    colour: 0.4,
    grayscale: 0.2,
    blur: 0.5,
    style: 0,
    flip: 0.5,
  },
} satisfies Record<string, Augmentation>;

/** Bounds of the blur's standard deviation, as a share of the view's width. */
const BLUR = [0.1 / 224, 2 / 224] as const;

/** Luma weights of ITU-R BT.601. */
const LUMA = [0.299, 0.587, 0.114] as const;

/** A map from output pixels to picture coordinates: x = ax·u + bx·v + cx, y likewise. */
interface Affine {
  ax: number;
  bx: number;
  cx: number;
  ay: number;
  by: number;
  cy: number;
}

function randomCut(
  picture: Picture,
  view: View,
  augmentation: Augmentation,
  random: Random,
): Affine {
  const side = view.cover * Math.min(picture.width, picture.height);
  const share = Math.sqrt(random.between(...augmentation.area));
  const aspect = Math.sqrt(
    Math.exp(random.between(Math.log(augmentation.ratio[0]), Math.log(augmentation.ratio[1]))),
  );
  // The side's share of a view that is not square, or of a picture stretched to it.
  const shape = Math.min(view.width, view.height);
  const width = ((side * view.width) / shape) * share * aspect;
  const height = (((side * view.height) / shape) * share) / aspect;
  // The cut's centre; it may leave the middle by what the cut leaves over on either side.
  const centre = (full: number, cut: number) =>
    full / 2 + (random.between(-1, 1) * Math.abs(full - cut)) / 2;
  const x = centre(picture.width, width);
  const y = centre(picture.height, height);
  const angle = (random.between(-1, 1) * augmentation.rotation * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const mirror = random.uniform() < augmentation.flip ? -1 : 1;
  const [sx, sy] = [(mirror * width) / view.width, height / view.height];
  const [u, v] = [(view.width - 1) / 2, (view.height - 1) / 2];
  const map = { ax: sx * cos, bx: -sy * sin, ay: sx * sin, by: sy * cos };
  return {
    ...map,
    cx: x - 0.5 - map.ax * u - map.bx * v,
    cy: y - 0.5 - map.ay * u - map.by * v,
  };
}

/** Bilinear sampling, the edge repeated outside. Writes channel planes of 0 to 255 into `out`. */
function sample(picture: Picture, view: View, map: Affine, out: Float32Array): void {
  const { data, width, height } = picture;
  const plane = view.width * view.height;
  for (let v = 0; v < view.height; v++) {
    for (let u = 0; u < view.width; u++) {
      const x = Math.min(Math.max(map.ax * u + map.bx * v + map.cx, 0), width - 1);
      const y = Math.min(Math.max(map.ay * u + map.by * v + map.cy, 0), height - 1);
      const left = Math.floor(x);
      const top = Math.floor(y);
      const fx = x - left;
      const fy = y - top;
      const right = left + 1 < width ? 3 : 0;
      const below = top + 1 < height ? 3 * width : 0;
      const at = 3 * (top * width + left);
      const to = v * view.width + u;
      for (let channel = 0; channel < 3; channel++) {
        const p = at + channel;
        const upper = data[p]! + fx * (data[p + right]! - data[p]!);
        const q = p + below;
        const lower = data[q]! + fx * (data[q + right]! - data[q]!);
        out[channel * plane + to] = upper + fy * (lower - upper);
      }
    }
  }
}

/** Scales brightness, contrast (about mid-grey) and saturation (about luma), clamped, normalised. */
function colourAndNormalize(
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
function blur({ width, height }: View, sigma: number, out: Float32Array): void {
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
function restyle({ width, height }: View, random: Random, out: Float32Array): void {
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

/** Writes a random view of `picture` into `out`, [3, height, width]. */
export function augment(
  picture: Picture,
  view: View,
  augmentation: Augmentation,
  random: Random,
  out: Float32Array,
): void {
  sample(picture, view, randomCut(picture, view, augmentation, random), out);
  if (random.uniform() < augmentation.blur) {
    blur(view, view.width * random.between(...BLUR), out);
  }
  if (random.uniform() < augmentation.style) restyle(view, random, out);
  colourAndNormalize(view, augmentation, random, out);
}
