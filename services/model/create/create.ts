// Creates a CLIP model folder with random weights: both graphs by our own builder, and its JSON files.

import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GraphBuilder, writeModel, type Graph, type Model } from '#onnx';
import { Random } from '#random';
import { parseConfig } from './config';
import { resnetTower } from './resnet';
import { textTower } from './text';
import { vitTower } from './vit';

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
    vitTower(vision, config.vision_config, config.projection_dim, random);
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
