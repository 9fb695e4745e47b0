// A tiny CLIP in memory, its step graph, and random batches for it.

import { GraphBuilder, size, type Graph } from '#onnx';
import { Random } from '#random';
import { Tensor } from '#runtime';
import { textTower } from '../../services/model/create/text';
import { vitTower } from '../../services/model/create/vit';
import type { Batch } from '../../services/training/data/batch';
import type { StateValues } from '../../services/training/step/stepper';
import type { Parameter } from '../../services/training/tower/parameters';
import {
  IMAGE_PREFIX,
  imageTower,
  TEXT_PREFIX,
  textTower as textTowerOf,
} from '../../services/training/tower/tower';

const block = {
  hidden_size: 16,
  intermediate_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  hidden_act: 'quick_gelu' as 'quick_gelu' | 'gelu',
  layer_norm_eps: 1e-5,
};

export const TINY = {
  model_type: 'clip' as const,
  projection_dim: 8,
  logit_scale_init_value: Math.log(1 / 0.07),
  text_config: {
    ...block,
    model_type: 'clip_text_model' as const,
    vocab_size: 50,
    max_position_embeddings: 12,
  },
  vision_config: {
    ...block,
    model_type: 'clip_vision_model' as const,
    image_size: 16,
    patch_size: 8,
    num_channels: 3 as const,
  },
};

export const SHAPE = { size: 6, captions: 1, length: 8, height: 16, width: 16 };

export function tinyTowers(config = TINY, seed = 1): { text: Graph; image: Graph } {
  const random = new Random(seed);
  const text = new GraphBuilder('text_model');
  textTower(text, config, random);
  const image = new GraphBuilder('vision_model');
  vitTower(image, config.vision_config, config.projection_dim, random);
  return { text: text.graph, image: image.graph };
}

/** Both towers as a step takes them. */
export function stepTowers({ text, image }: { text: Graph; image: Graph }, shape = SHAPE) {
  return { text: textTowerOf(text, shape.captions), image: imageTower(image, shape) };
}

/** The towers' weights and the logit scale, as a step graph names them. */
export function initialState({ text, image }: { text: Graph; image: Graph }): StateValues {
  const values: StateValues = new Map([
    ['logit_scale', Float32Array.of(Math.log(1 / 0.07))],
    ['logit_bias', Float32Array.of(-10)],
  ]);
  for (const [prefix, graph] of [
    [TEXT_PREFIX, text],
    [IMAGE_PREFIX, image],
  ] as const) {
    for (const [name, { data }] of graph.initializers) {
      if (data instanceof Float32Array) values.set(prefix + name, data.slice());
    }
  }
  return values;
}

/** What gradients that are added to sums start from. */
export function zeroSums(summed: Parameter[]): Record<string, Tensor> {
  return Object.fromEntries(
    summed.map(({ name, dims }) => [
      `sum.${name}`,
      new Tensor('float32', new Float32Array(size(dims)), dims),
    ]),
  );
}

/** Picture 0 is also true of the first caption of picture 1. */
export function randomBatch(seed: number, shape = SHAPE, views = 1): Batch {
  const random = new Random(seed);
  const pictures = Int32Array.from({ length: shape.size * views }, (_, row) =>
    Math.floor(row / views),
  );
  const pixels = [pictures.length, 3, shape.height, shape.width];
  const texts = shape.size * shape.captions;
  const ids = new BigInt64Array(texts * shape.length).fill(49n);
  for (let row = 0; row < texts; row++) {
    const words = 2 + random.below(shape.length - 3);
    for (let column = 0; column < words; column++) {
      ids[row * shape.length + column] = BigInt(column === 0 ? 48 : random.below(48));
    }
  }
  const positives = new Float32Array(pictures.length * texts);
  pictures.forEach((picture, row) => {
    const right = picture === 0 ? shape.captions + 1 : shape.captions;
    const first = row * texts + picture * shape.captions;
    positives.fill(1, first, first + right);
  });
  return {
    image: {
      pixel_values: new Tensor(
        'float32',
        Float32Array.from({ length: size(pixels) }, () => random.normal()),
        pixels,
      ),
    },
    text: { input_ids: new Tensor('int64', ids, [texts, shape.length]) },
    positives: new Tensor('float32', positives, [pictures.length, texts]),
    pictures,
    captions: Int32Array.from({ length: texts }, (_, row) => row),
    length: shape.length,
    extra: {},
  };
}
