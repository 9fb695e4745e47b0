// Self-supervision by contrast: two views of a picture against the views of all others.

import type { Ops } from '#autodiff';
import type { Value } from '#onnx';
import { contrast, filled, normalize, unrelated } from './contrast';
import type { Term } from './term';

/** Temperature of the contrast between views, as in SLIP. */
const TEMPERATURE = 0.1;

/** Exchanges the two views of each picture: rows 2i and 2i + 1 of [rows, dimension]. */
export function otherViews(ops: Ops, x: Value): Value {
  const [rows, dimension] = ops.dims(x) as [number, number];
  const pairs = ops.reshape(x, [rows / 2, 2, dimension]);
  const view = (index: number) =>
    ops.b.op('Slice', [pairs, ops.b.ints([index]), ops.b.ints([index + 1]), ops.b.ints([1])]);
  return ops.reshape(ops.b.op('Concat', [view(1), view(0)], { axis: 1 }), [rows, dimension]);
}

/**
 * NT-Xent (Chen et al. 2020, SimCLR): −1/2B Σ ln( exp(cos⁺/τ) / (exp(cos⁺/τ) + Σ exp(cos⁻/τ)) ) over
 * 2B views, cos⁺ with the other view of the picture, cos⁻ with views of pictures that are neither the
 * same (`pictures`: equal numbers are the same picture) nor, `withCaptions`, share a caption of the
 * batch. Beside a loss of captions it is SLIP (Mu et al. 2021), whose τ it has; SLIP's own projection
 * is left out: the embedding that is searched is what the views shall agree on.
 */
export function viewContrast(withCaptions: boolean): Term {
  return {
    head: () => [],
    inputs: {
      pictures: ({ images }) => [images],
      ...(withCaptions && { positives: ({ images, texts }) => [images, texts] }),
    },
    build(ops, { image }, { pictures, positives }) {
      const x = normalize(ops, image);
      const rows = ops.dims(x)[0]!;
      const partner = ops.reduceSum(ops.mul(x, otherViews(ops, x)), [1], true);
      const [column, row] = [ops.reshape(pictures!, [rows, 1]), ops.reshape(pictures!, [1, rows])];
      let same = ops.cast(ops.b.op('Equal', [column, row]), x);
      if (positives) same = ops.add(same, ops.matmul(positives, positives, { transB: true }));
      const kinds = [
        { cosines: partner, positives: filled(ops, 1, [rows, 1]) },
        { cosines: ops.matmul(x, x, { transB: true }), allowed: unrelated(ops, same) },
      ];
      const plain = { hardNegatives: 0, labelSmoothing: 0 };
      return contrast(ops, kinds, ops.scalar(1 / TEMPERATURE, x), plain);
    },
  };
}
