// The tensor that a picture becomes, as evaluation makes it.

import type { Preprocessing } from '#model';

/** RGB bytes, interleaved, row by row. */
export interface Picture {
  data: Uint8Array;
  width: number;
  height: number;
}

/** The tensor a picture becomes, so that what is not augmented is what evaluation sees. */
export interface View {
  width: number;
  height: number;
  /** value = (byte · rescale − mean) / std, by channel. */
  rescale: number;
  mean: readonly number[];
  std: readonly number[];
  /** What evaluation's centre crop leaves of the shorter side. */
  cover: number;
  /** Whether pictures are stretched to the view's shape, and not cut to it. */
  stretch: boolean;
}

/** The view that a model's preprocessing makes. */
export function viewOf(preprocessing: Preprocessing): View {
  const { width, height, rescale, mean, std, resize } = preprocessing;
  const edge = resize !== null && 'shortestEdge' in resize ? resize.shortestEdge : undefined;
  return {
    width,
    height,
    rescale,
    mean,
    std,
    cover: edge === undefined ? 1 : Math.min(1, Math.min(width, height) / edge),
    stretch: resize !== null && 'width' in resize,
  };
}
