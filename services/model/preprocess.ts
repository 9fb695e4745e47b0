// The settings of a preprocessor_config.json, read and resolved. What they do to a picture is #preprocess.

import { z } from 'zod';
import type { Kernel } from '#picture';
import type { Preprocessing } from '#preprocess';

export type { Preprocessing };

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
