// A model folder small enough to create, load and run in a test: random weights, a byte tokenizer.

import path from 'node:path';
import { createModel } from '#model';
import { learnVocabulary, writeTokenizer } from '../../scripts/starter/clip-format';

/** Writes the model into `folder`, with a ViT unless told. Different seeds give different weights. */
export async function createTinyModel(
  folder: string,
  seed = 1,
  vision: Record<string, unknown> = {},
): Promise<void> {
  const tokenizer = path.join(folder, 'tokenizer');
  const learned = learnVocabulary([['a picture of a cat and a dog', 3]], 530);
  await writeTokenizer(tokenizer, learned, 16);
  const tower = {
    hidden_size: 32,
    intermediate_size: 64,
    num_hidden_layers: 1,
    num_attention_heads: 2,
  };
  const vocabulary = Object.keys(learned.vocabulary).length;
  const config = {
    projection_dim: 16,
    text_config: { ...tower, vocab_size: vocabulary, max_position_embeddings: 16 },
    vision_config: { ...tower, image_size: 32, patch_size: 8, ...vision },
  };
  await createModel(folder, { config, tokenizer, seed });
}
