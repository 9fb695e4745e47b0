// The ViT image tower of a new CLIP: pixel_values [batch, 3, side, side] → image_embeds.

import type { GraphBuilder } from '#onnx';
import type { Random } from '#random';
import type { VitConfig } from './config';
import { layerNorm, normalWeight } from './layers';
import { transformer } from './transformer';

/** Writes the tower: patches, a class token, pre-norm, blocks, post-norm and projection. */
export function vitTower(
  b: GraphBuilder,
  vision: VitConfig,
  projectionSize: number,
  random: Random,
): void {
  const { hidden_size: width, image_size: side, patch_size: patch } = vision;
  const epsilon = vision.layer_norm_eps;
  const count = (side / patch) ** 2;
  const name = 'vision_model';
  const scale = width ** -0.5;
  const pixels = b.input('pixel_values', 'float32', ['batch', 3, side, side]);
  const kernel = normalWeight(
    b,
    random,
    `${name}.embeddings.patch_embedding.weight`,
    [width, 3, patch, patch],
    (3 * patch * patch) ** -0.5,
  );
  const maps = b.op('Conv', [pixels, kernel], {
    kernel_shape: [patch, patch],
    strides: [patch, patch],
  });
  const patches = b.op('Transpose', [b.op('Reshape', [maps, b.ints([0, width, count])])], {
    perm: [0, 2, 1],
  });
  const token = normalWeight(b, random, `${name}.embeddings.class_embedding`, [width], scale);
  const batch = b.op('Slice', [b.op('Shape', [pixels]), b.ints([0]), b.ints([1])]);
  const shape = b.op('Concat', [batch, b.ints([1, width])], { axis: 0 });
  const sequence = b.op('Concat', [b.op('Expand', [token, shape]), patches], { axis: 1 });
  const table = normalWeight(
    b,
    random,
    `${name}.embeddings.position_embedding.weight`,
    [count + 1, width],
    scale,
  );
  const placed = b.op('Add', [sequence, table]);
  const first = layerNorm(b, `${name}.pre_layrnorm`, placed, width, epsilon);
  const hidden = transformer(b, random, name, first, vision);
  const pooled = b.op('Gather', [hidden, b.scalar(0, 'int64')], { axis: 1 });
  const normed = layerNorm(b, `${name}.post_layernorm`, pooled, width, epsilon);
  const projection = normalWeight(
    b,
    random,
    'visual_projection.weight',
    [width, projectionSize],
    scale,
  );
  const embeds = b.op('MatMul', [normed, projection]);
  b.output(embeds, 'image_embeds', 'float32', ['batch', projectionSize]);
}
