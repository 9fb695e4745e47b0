// The causal text tower of a new CLIP: input_ids [batch, length] → text_embeds [batch, projection].

import { elementTypeCode, tensor, type GraphBuilder, type Value } from '#onnx';
import type { Random } from '#random';
import type { ClipConfig } from './config';
import { layerNorm, normalWeight } from './layers';
import { transformer } from './transformer';

/** The first `length` rows of `table`. */
function firstRows(b: GraphBuilder, table: Value, length: Value): Value {
  return b.op('Slice', [table, b.ints([0]), length, b.ints([0])]);
}

/**
 * Writes the tower. The embedding is read at the first token of the highest id, as in CLIP:
 * <|endoftext|> must be the vocabulary's last token. Longer padding changes nothing (causal mask).
 */
export function textTower(b: GraphBuilder, config: ClipConfig, random: Random): void {
  const text = config.text_config;
  const { hidden_size: width, max_position_embeddings: context, layer_norm_eps: epsilon } = text;
  const name = 'text_model';
  const ids = b.input('input_ids', 'int64', ['batch', 'length']);
  const tokens = normalWeight(
    b,
    random,
    `${name}.embeddings.token_embedding.weight`,
    [text.vocab_size, width],
    0.02,
  );
  const table = normalWeight(
    b,
    random,
    `${name}.embeddings.position_embedding.weight`,
    [context, width],
    0.01,
  );
  const length = b.op('Slice', [b.op('Shape', [ids]), b.ints([1]), b.ints([2])]);
  const numbersOf = Array.from({ length: context }, (_, position) => position);
  const range = b.constant(tensor(numbersOf, [context], 'int64'));
  const positions = firstRows(b, range, length);
  const embedded = b.op('Add', [b.op('Gather', [tokens, ids]), firstRows(b, table, length)]);

  // A token sees itself and what stands before it.
  const row = b.op('Unsqueeze', [positions, b.ints([0])]);
  const column = b.op('Unsqueeze', [positions, b.ints([1])]);
  const mask = b.op('Where', [b.op('Greater', [row, column]), b.scalar(-1e9), b.scalar(0)]);

  const hidden = transformer(b, random, name, embedded, text, mask);
  const normed = layerNorm(b, `${name}.final_layer_norm`, hidden, width, epsilon);
  // Pooling as a product with a one-hot row: its gradient needs no scatter.
  const end = b.op('ArgMax', [ids], { axis: 1, keepdims: 1 });
  const oneHot = b.op('Cast', [b.op('Equal', [row, end])], { to: elementTypeCode('float32') });
  const chosen = b.op('MatMul', [b.op('Unsqueeze', [oneHot, b.ints([1])]), normed]);
  const pooled = b.op('Squeeze', [chosen, b.ints([1])]);
  const projection = normalWeight(
    b,
    random,
    'text_projection.weight',
    [width, config.projection_dim],
    width ** -0.5,
  );
  const embeds = b.op('MatMul', [pooled, projection]);
  b.output(embeds, 'text_embeds', 'float32', ['batch', config.projection_dim]);
}
