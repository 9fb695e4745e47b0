// A random cut of a picture: turned, stretched, mirrored, and sampled at the view's size.

import type { Random } from '#random';
import type { Augmentation } from './augmentations';
import type { Picture, View } from './view';
import type { Warp } from './warp';

/** A map from output pixels to picture coordinates: x = ax·u + bx·v + cx, y likewise. */
interface Affine {
  ax: number;
  bx: number;
  cx: number;
  ay: number;
  by: number;
  cy: number;
}

export function randomCut(
  picture: Picture,
  view: View,
  augmentation: Augmentation,
  random: Random,
): Affine {
  const side = view.cover * Math.min(picture.width, picture.height);
  const share = Math.sqrt(random.between(...augmentation.area));
  const aspect = Math.sqrt(
    Math.exp(random.between(Math.log(augmentation.ratio[0]), Math.log(augmentation.ratio[1]))),
  );
  // The side's share of a view that is not square, or of a picture stretched to it.
  const shape = Math.min(view.width, view.height);
  const width = ((side * view.width) / shape) * share * aspect;
  const height = (((side * view.height) / shape) * share) / aspect;
  // The cut's centre; it may leave the middle by what the cut leaves over on either side.
  const centre = (full: number, cut: number) =>
    full / 2 + (random.between(-1, 1) * Math.abs(full - cut)) / 2;
  const x = centre(picture.width, width);
  const y = centre(picture.height, height);
  const angle = (random.between(-1, 1) * augmentation.rotation * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const mirror = random.uniform() < augmentation.flip ? -1 : 1;
  const [sx, sy] = [(mirror * width) / view.width, height / view.height];
  const [u, v] = [(view.width - 1) / 2, (view.height - 1) / 2];
  const map = { ax: sx * cos, bx: -sy * sin, ay: sx * sin, by: sy * cos };
  return {
    ...map,
    cx: x - 0.5 - map.ax * u - map.bx * v,
    cy: y - 0.5 - map.ay * u - map.by * v,
  };
}

/** Bilinear sampling, the edge repeated outside. Writes channel planes of 0 to 255 into `out`. */
export function sample(
  picture: Picture,
  view: View,
  map: Affine,
  warp: Warp | undefined,
  out: Float32Array,
): void {
  const { data, width, height } = picture;
  const plane = view.width * view.height;
  for (let v = 0; v < view.height; v++) {
    for (let u = 0; u < view.width; u++) {
      const to = v * view.width + u;
      const across = u + (warp ? warp.across[to]! : 0);
      const down = v + (warp ? warp.down[to]! : 0);
      const x = Math.min(Math.max(map.ax * across + map.bx * down + map.cx, 0), width - 1);
      const y = Math.min(Math.max(map.ay * across + map.by * down + map.cy, 0), height - 1);
      const left = Math.floor(x);
      const top = Math.floor(y);
      const fx = x - left;
      const fy = y - top;
      const right = left + 1 < width ? 3 : 0;
      const below = top + 1 < height ? 3 * width : 0;
      const at = 3 * (top * width + left);
      for (let channel = 0; channel < 3; channel++) {
        const p = at + channel;
        const upper = data[p]! + fx * (data[p + right]! - data[p]!);
        const q = p + below;
        const lower = data[q]! + fx * (data[q + right]! - data[q]!);
        out[channel * plane + to] = upper + fy * (lower - upper);
      }
    }
  }
}
