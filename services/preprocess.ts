// A picture as the tensor that a vision tower expects, as Python's preprocessing (Pillow) makes it:
// resize, centre crop, rescale, normalise. Decoding is #picture; the settings are read by #model.

import { openPicture, type Kernel, type Picture } from '#picture';

/** The settings of a preprocessor_config.json, resolved. */
export interface Preprocessing {
  /** The size of the tensor: 3 × height × width. */
  width: number;
  height: number;
  /** To this length of the shorter side, to exactly width × height, or not at all. */
  resize: { shortestEdge: number } | { width: number; height: number } | null;
  /** Cuts (or pads with black) to width × height around the centre. */
  crop: boolean;
  kernel: Kernel;
  /** value = (byte · rescale − mean) / std, by channel. */
  rescale: number;
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

/** Pixels: [height, width, 3] bytes. */
export interface Bitmap {
  pixels: Uint8Array;
  width: number;
  height: number;
}

/**
 * The picture as a tensor [3, height, width], normalised. Throws ImageError.
 * Cosine with Pillow's result on photographs: 0.9995 and better.
 */
export async function preprocess(
  source: string | Uint8Array,
  settings: Preprocessing,
): Promise<Float32Array> {
  const { pixels, width, height } = await resized(await openPicture(source), settings);
  return toTensor(pixels, width, height, settings);
}

/** The whole picture at the size that `toTensor` cuts from. Throws ImageError. */
export async function resized(picture: Picture, settings: Preprocessing): Promise<Bitmap> {
  const { width, height } = sizeAfter(picture, settings.resize);
  return { pixels: await picture.pixels(width, height, settings.kernel), width, height };
}

/** Both sides after the resize; the longer one is rounded down, as Python's int() does. */
function sizeAfter(
  { width, height }: { width: number; height: number },
  resize: Preprocessing['resize'],
): { width: number; height: number } {
  if (resize === null) return { width, height };
  if ('width' in resize) return resize;
  const { shortestEdge } = resize;
  return width <= height
    ? { width: shortestEdge, height: Math.floor((shortestEdge * height) / width) }
    : { width: Math.floor((shortestEdge * width) / height), height: shortestEdge };
}

/**
 * Interleaved bytes to planes, cut at floored offsets; outside the picture the bytes are zero.
 * `pixels` is height × width × 3.
 */
export function toTensor(
  pixels: Uint8Array,
  width: number,
  height: number,
  settings: Preprocessing,
): Float32Array {
  const left = Math.floor((width - settings.width) / 2);
  const top = Math.floor((height - settings.height) / 2);
  // Columns of the tensor that lie in the picture.
  const from = Math.max(0, -left);
  const to = Math.min(settings.width, width - left);
  const plane = settings.width * settings.height;
  const tensor = new Float32Array(3 * plane);
  const [red, green, blue] = [0, 1, 2].map((channel) => valuesOf(channel, settings)) as Channels;
  for (const [channel, values] of [red, green, blue].entries()) {
    tensor.fill(values[0]!, channel * plane, (channel + 1) * plane);
  }
  // All channels at once: the bytes pass by a single time.
  for (let y = Math.max(0, -top); y < Math.min(settings.height, height - top); y++) {
    let at = 3 * ((y + top) * width + left + from);
    const end = y * settings.width + to;
    for (let i = y * settings.width + from; i < end; i++, at += 3) {
      tensor[i] = red[pixels[at]!]!;
      tensor[plane + i] = green[pixels[at + 1]!]!;
      tensor[2 * plane + i] = blue[pixels[at + 2]!]!;
    }
  }
  return tensor;
}

type Channels = [red: Float32Array, green: Float32Array, blue: Float32Array];

/** What each byte of a channel becomes. */
function valuesOf(channel: number, { rescale, mean, std }: Preprocessing): Float32Array {
  const scale = rescale / std[channel]!;
  const shift = -mean[channel]! / std[channel]!;
  return Float32Array.from({ length: 256 }, (_, byte) => byte * scale + shift);
}
