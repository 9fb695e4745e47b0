// Creates a CLIP model folder with random weights from a config: both graphs by our own builder.

import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { GraphBuilder, writeModel, type Graph, type Model } from '#onnx';
import { Random } from '#random';
import { resnetTower } from './create-resnet';
import { textTower } from './create-text';
import { visionTower } from './create-vision';

const tower = z.object({
  hidden_size: z.number().int().positive(),
  intermediate_size: z.number().int().positive(),
  num_hidden_layers: z.number().int().positive(),
  num_attention_heads: z.number().int().positive(),
  hidden_act: z.enum(['quick_gelu', 'gelu']).default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
});

/** A vision transformer, as CLIPVisionConfig names its keys. */
const vitTower = tower.extend({
  model_type: z.literal('clip_vision_model').default('clip_vision_model'),
  image_size: z.number().int().positive(),
  patch_size: z.number().int().positive(),
  num_channels: z.literal(3).default(3),
});

/** A residual network, as ResNetConfig names its keys. */
const resnetTowerConfig = z
  .object({
    model_type: z.literal('resnet'),
    image_size: z.number().int().positive(),
    /** Channels of the stem. */
    embedding_size: z.number().int().positive(),
    /** Channels and residual blocks of each stage; each stage halves height and width. */
    hidden_sizes: z.array(z.number().int().positive()).min(1),
    depths: z.array(z.number().int().min(0)).min(1),
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
  vision_config: z.union([resnetTowerConfig, vitTower]),
});

export type ClipConfig = z.infer<typeof clipConfig>;
export type TowerConfig = z.infer<typeof tower>;
export type VitConfig = z.infer<typeof vitTower>;
export type ResNetConfig = z.infer<typeof resnetTowerConfig>;

export interface CreateOptions {
  /** A config.json's content, validated here. */
  config: unknown;
  /** A folder with tokenizer.json and tokenizer_config.json; <|endoftext|> has the highest id. */
  tokenizer: string;
  /** Seeds the weights. */
  seed?: number;
}

const TOKENIZER_FILES = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'];

/** ImageNet statistics as OpenAI's CLIP uses them. */
const IMAGE_MEAN = [0.48145466, 0.4578275, 0.40821073];
const IMAGE_STD = [0.26862954, 0.26130258, 0.27577711];

function parseConfig(config: unknown): ClipConfig {
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

function toModel(graph: Graph): Model {
  return {
    irVersion: 8,
    opsets: new Map([['', 17]]),
    producer: 'bifocal',
    graph,
    metadata: new Map(),
  };
}

/**
 * Writes a new dual encoder to `folder` in the layout that transformers.js reads: an image
 * tower (a ViT or a residual network) and a causal text transformer, each with a projection (Radford et al. 2021, "Learning
 * Transferable Visual Models From Natural Language Supervision"), initialised as published.
 * Throws one line naming the key when the config does not fit.
 */
export async function createModel(folder: string, options: CreateOptions): Promise<void> {
  const config = parseConfig(options.config);
  const random = new Random(options.seed ?? 0);
  const text = new GraphBuilder('text_model');
  textTower(text, config, random);
  const vision = new GraphBuilder('vision_model');
  if (config.vision_config.model_type === 'resnet') {
    resnetTower(vision, config.vision_config, config.projection_dim, random);
  } else {
    visionTower(vision, config.vision_config, config.projection_dim, random);
  }

  await mkdir(path.join(folder, 'onnx'), { recursive: true });
  for (const file of TOKENIZER_FILES) {
    await cp(path.join(options.tokenizer, file), path.join(folder, file));
  }
  await writeModel(toModel(text.graph), path.join(folder, 'onnx', 'text_model.onnx'));
  await writeModel(toModel(vision.graph), path.join(folder, 'onnx', 'vision_model.onnx'));
  const side = config.vision_config.image_size;
  await writeJson(path.join(folder, 'config.json'), {
    architectures: ['CLIPModel'],
    ...config,
    text_config: { ...config.text_config, projection_dim: config.projection_dim },
    vision_config: { ...config.vision_config, projection_dim: config.projection_dim },
  });
  await writeJson(path.join(folder, 'preprocessor_config.json'), {
    image_processor_type: 'CLIPImageProcessor',
    do_convert_rgb: true,
    do_resize: true,
    size: { shortest_edge: side },
    resample: 3,
    do_center_crop: true,
    crop_size: { height: side, width: side },
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: IMAGE_MEAN,
    image_std: IMAGE_STD,
  });
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
}
