// What a training step is fed.

import type { Tensor } from '#runtime';

/** Tensors by name. */
export type Tensors = Record<string, Tensor>;

/** One batch of pairs, ready for a step. Both towers' inputs have one row a picture or caption. */
export interface Batch {
  /** Inputs of the text tower, [size · captions, length] each, the captions of a picture in a row. */
  text: Tensors;
  /** Inputs of the image tower: `pixel_values`, [size · views, 3, height, width]. */
  image: Tensors;
  /** [pictures, captions], 1 where a caption is true of a picture. */
  positives: Tensor;
  /** Number of the picture of each row of the image tower: equal numbers are the same picture. */
  pictures: Int32Array;
  /** Number of the caption of each row of the text tower: equal numbers are the same caption. */
  captions: Int32Array;
  /** Tokens that this batch's captions are padded to. */
  length: number;
  /** Further inputs of the loss, by name. */
  extra: Tensors;
}
