// A picture as the tensor that a vision tower expects, as Python's preprocessing (Pillow) makes it:
// resize, centre crop, rescale, normalise. Decoding is #picture.

import { z } from 'zod';
import { openPicture, type Kernel } from '#picture';

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

const dimension = z.number().int().positive();
const rectangle = z.object({ height: dimension, width: dimension });
const triple = z.tuple([z.number(), z.number(), z.number()]);

const schema = z.object({
  image_processor_type: z.string().optional(),
  feature_extractor_type: z.string().optional(),
  do_resize: z.boolean().default(true),
  size: z.union([dimension, rectangle, z.object({ shortest_edge: dimension })]),
  resample: z.number().int().default(3),
  do_center_crop: z.boolean().optional(),
  crop_size: z.union([dimension, rectangle]).optional(),
  do_rescale: z.boolean().default(true),
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
  do_normalize: z.boolean().default(true),
  image_mean: triple.default([0.48145466, 0.4578275, 0.40821073]),
  image_std: triple.default([0.26862954, 0.26130258, 0.27577711]),
});

/** Pillow's numbers of its filters, and libvips' kernels that are the same functions. */
const kernels: Record<number, Kernel> = { 0: 'nearest', 1: 'lanczos3', 2: 'linear', 3: 'cubic' };

/** Resolves the content of a preprocessor_config.json. Throws one line that names the key. */
export function parsePreprocessing(content: unknown): Preprocessing {
  const settings = schema.parse(content);
  const kernel = kernels[settings.resample];
  if (!kernel) throw new Error(`resample: Pillow's filter ${settings.resample} is not available`);
  const resize = settings.do_resize ? resizeOf(settings) : null;
  const crop = settings.do_center_crop ?? settings.crop_size !== undefined;
  const size = crop ? settings.crop_size : resize;
  const fixed = typeof size === 'number' ? { width: size, height: size } : size;
  if (!fixed || !('width' in fixed))
    throw new Error('size: without a crop it must give height and width');
  return {
    width: fixed.width,
    height: fixed.height,
    resize,
    crop,
    kernel,
    rescale: settings.do_rescale ? settings.rescale_factor : 1,
    mean: settings.do_normalize ? settings.image_mean : [0, 0, 0],
    std: settings.do_normalize ? settings.image_std : [1, 1, 1],
  };
}

/** One number is the shorter side for CLIP's processor (and its old name), a square for others. */
function resizeOf(settings: z.infer<typeof schema>): Preprocessing['resize'] {
  const { size } = settings;
  if (typeof size === 'object')
    return 'shortest_edge' in size ? { shortestEdge: size.shortest_edge } : size;
  const processor = settings.image_processor_type ?? settings.feature_extractor_type ?? 'CLIP';
  return processor.includes('CLIP') ? { shortestEdge: size } : { width: size, height: size };
}

/**
 * The picture as a tensor [3, height, width], normalised. Throws ImageError.
 * Cosine with Pillow's result on photographs: 0.9995 and better.
 */
export async function preprocess(
  source: string | Uint8Array,
  settings: Preprocessing,
): Promise<Float32Array> {
  const picture = await openPicture(source);
  const { width, height } = resized(picture, settings.resize);
  const pixels = await picture.pixels(width, height, settings.kernel);
  return toTensor(pixels, width, height, settings);
}

/** Both sides after the resize; the longer one is rounded down, as Python's int() does. */
function resized(
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
  const plane = settings.width * settings.height;
  const tensor = new Float32Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    const scale = settings.rescale / settings.std[channel]!;
    const shift = -settings.mean[channel]! / settings.std[channel]!;
    for (let y = 0; y < settings.height; y++) {
      for (let x = 0; x < settings.width; x++) {
        const column = x + left;
        const row = y + top;
        const inside = column >= 0 && column < width && row >= 0 && row < height;
        const byte = inside ? pixels[(row * width + column) * 3 + channel]! : 0;
        tensor[channel * plane + y * settings.width + x] = byte * scale + shift;
      }
    }
  }
  return tensor;
}
