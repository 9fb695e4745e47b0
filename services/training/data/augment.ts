// Augmentation: from a decoded picture to the tensor of a random view of it.

import type { Random } from '#random';
import type { Augmentation } from './augmentations';
import { randomCut, sample } from './cut';
import { blur, colourAndNormalize, restyle } from './filters';
import type { Picture, View } from './view';
import { randomWarp } from './warp';

/** Bounds of the blur's standard deviation, as a share of the view's width. */
const BLUR = [0.1 / 224, 2 / 224] as const;

/** The size that pictures are decoded to: larger than the view, so that few cuts are enlarged. */
export function decodedSize(
  view: View,
  augmentation: Augmentation,
): { width: number; height: number } {
  // Between that of the whole picture and that of the smallest cut, by the geometric mean.
  const scale = Math.min(1, augmentation.area[0]) ** -0.25 / view.cover;
  return { width: Math.round(view.width * scale), height: Math.round(view.height * scale) };
}

/** Writes a random view of `picture` into `out`, [3, height, width]. */
export function augment(
  picture: Picture,
  view: View,
  augmentation: Augmentation,
  random: Random,
  out: Float32Array,
): void {
  const cut = randomCut(picture, view, augmentation, random);
  const warp = augmentation.warp > 0 ? randomWarp(view, augmentation.warp, random) : undefined;
  sample(picture, view, cut, warp, out);
  if (random.uniform() < augmentation.blur) {
    blur(view, view.width * random.between(...BLUR), out);
  }
  if (random.uniform() < augmentation.style) restyle(view, random, out);
  colourAndNormalize(view, augmentation, random, out);
}
