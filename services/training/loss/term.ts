// What an objective adds up: terms over the embeddings of one batch.

import type { Ops } from '#autodiff';
import type { Value } from '#onnx';
import type { Parameter } from '../tower/parameters';

/** The embeddings of a batch, not normalised. */
export interface Embeddings {
  /** [images, dimension]; with two views of each picture, they are neighbours. */
  image: Value;
  /** [texts, dimension]; absent where no text tower runs. */
  text: Value | undefined;
}

/** Sizes of a batch's embeddings. */
export interface Extent {
  images: number;
  texts: number;
  dimension: number;
}

export interface Term {
  /** What the term learns beside the towers, for embeddings of a dimension. */
  head(dimension: number): Parameter[];
  /** Shapes of its inputs beside embeddings and head, by name. */
  inputs: Record<string, (extent: Extent) => number[]>;
  /** Appends the term, a scalar. `values` are head and inputs by name. */
  build(ops: Ops, embeddings: Embeddings, values: Record<string, Value>): Value;
}
