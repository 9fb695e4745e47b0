// The dual encoders that are measured, and the arithmetic of one training step of them.

interface TowerShape {
  hidden_size: number;
  intermediate_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  hidden_act: 'quick_gelu';
}

export interface Size {
  projection_dim: number;
  text_config: TowerShape & { vocab_size: number; max_position_embeddings: number };
  vision_config: TowerShape & { image_size: number; patch_size: number };
}

function tower(width: number, layers: number): TowerShape {
  return {
    hidden_size: width,
    intermediate_size: 4 * width,
    num_hidden_layers: layers,
    num_attention_heads: width / 64,
    hidden_act: 'quick_gelu',
  };
}

function size(width: number, text: number, layers: number, image: number, patch: number): Size {
  return {
    projection_dim: text,
    text_config: { ...tower(text, layers), vocab_size: 49_408, max_position_embeddings: 77 },
    vision_config: { ...tower(width, layers), image_size: image, patch_size: patch },
  };
}

export const SIZES: Record<string, Size> = {
  /** ViT-B/32 and the text tower of CLIP. */
  b32: size(768, 512, 12, 224, 32),
  /** ViT-S/16 and a text tower as wide. */
  s16: size(384, 384, 12, 224, 16),
  /** For many steps in little time. */
  xs: size(192, 128, 4, 64, 16),
};

/** A product of matrices [rows, inner] and [inner, columns], so many times in a forward pass. */
export interface Product {
  rows: number;
  inner: number;
  columns: number;
  count: number;
}

function layers(shape: TowerShape, rows: number): Product[] {
  const { hidden_size: width, intermediate_size: wide, num_hidden_layers: count } = shape;
  return [
    { rows, inner: width, columns: 3 * width, count },
    { rows, inner: width, columns: width, count },
    { rows, inner: width, columns: wide, count },
    { rows, inner: wide, columns: width, count },
  ];
}

function tokens({ vision_config: { image_size, patch_size } }: Size): number {
  return (image_size / patch_size) ** 2 + 1;
}

/** The linear layers of both towers. */
export function products(size: Size, batch: number, length: number): Product[] {
  const image = layers(size.vision_config, batch * tokens(size));
  return [...image, ...layers(size.text_config, batch * length)];
}

/** Floating-point operations of a step: forward, and twice that backward. */
export function operations(size: Size, batch: number, length: number): number {
  const linear = products(size, batch, length).reduce(
    (sum, { rows, inner, columns, count }) => sum + 2 * rows * inner * columns * count,
    0,
  );
  // Scores and mixing: two products of [length, width] a layer.
  const attention = (shape: TowerShape, rows: number) =>
    4 * batch * rows ** 2 * shape.hidden_size * shape.num_hidden_layers;
  const { patch_size: patch, hidden_size: width } = size.vision_config;
  const patches = 2 * batch * (tokens(size) - 1) * 3 * patch ** 2 * width;
  const others = attention(size.vision_config, tokens(size)) + attention(size.text_config, length);
  // Pixels have no gradient.
  return 3 * (linear + others) + 2 * patches;
}
