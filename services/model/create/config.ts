// The config.json of a new CLIP: which keys decide its graphs, checked once.

import { z } from 'zod';

const tower = z.object({
  hidden_size: z.number().int().positive(),
  intermediate_size: z.number().int().positive(),
  num_hidden_layers: z.number().int().positive(),
  num_attention_heads: z.number().int().positive(),
  hidden_act: z.enum(['quick_gelu', 'gelu']).default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
});

/** A vision transformer, as CLIPVisionConfig names its keys. */
const vitConfig = tower.extend({
  model_type: z.literal('clip_vision_model').default('clip_vision_model'),
  image_size: z.number().int().positive(),
  patch_size: z.number().int().positive(),
  num_channels: z.literal(3).default(3),
});

/** A residual network, as ResNetConfig names its keys. */
const resnetConfig = z
  .object({
    model_type: z.literal('resnet'),
    image_size: z.number().int().positive(),
    /** Channels of the stem. */
    embedding_size: z.number().int().positive(),
    /** Channels and residual blocks of each stage; each stage halves height and width. */
    hidden_sizes: z.array(z.number().int().positive()).min(1),
    depths: z.array(z.number().int().min(0)).min(1),
    /** Channels of each last pixel that are projected with its place, beside the mean of all pixels. */
    spatial_size: z.number().int().min(0).default(0),
    layer_norm_eps: z.number().positive().default(1e-5),
  })
  .refine(({ hidden_sizes: widths, depths }) => widths.length === depths.length, {
    error: 'hidden_sizes and depths differ in length',
  });

/** The keys of a Hugging Face CLIP config.json that decide the graphs. */
const clipConfig = z.object({
  model_type: z.literal('clip').default('clip'),
  projection_dim: z.number().int().positive(),
  logit_scale_init_value: z.number().default(Math.log(1 / 0.07)),
  text_config: tower.extend({
    model_type: z.literal('clip_text_model').default('clip_text_model'),
    vocab_size: z.number().int().positive(),
    max_position_embeddings: z.number().int().positive(),
  }),
  vision_config: z.union([resnetConfig, vitConfig]),
});

export type ClipConfig = z.infer<typeof clipConfig>;
export type TowerConfig = z.infer<typeof tower>;
export type VitConfig = z.infer<typeof vitConfig>;
export type ResNetConfig = z.infer<typeof resnetConfig>;

/** Checks a config.json's content. Throws one line that names the key at fault. */
export function parseConfig(config: unknown): ClipConfig {
  const parsed = clipConfig.safeParse(config);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Error(`model config: ${issue?.path.join('.') || 'top level'}: ${issue?.message}`);
  }
  const { text_config: text, vision_config: vision } = parsed.data;
  requireWholeHeads('text_config', text);
  if (vision.model_type === 'clip_vision_model') {
    requireWholeHeads('vision_config', vision);
    if (vision.image_size % vision.patch_size !== 0) {
      throw new Error('model config: vision_config: image_size is not a multiple of patch_size');
    }
  }
  return parsed.data;
}

function requireWholeHeads(name: string, config: TowerConfig): void {
  if (config.hidden_size % config.num_attention_heads !== 0) {
    throw new Error(`model config: ${name}: hidden_size is not a multiple of num_attention_heads`);
  }
}
