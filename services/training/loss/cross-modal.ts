// Contrastive losses between pictures and texts: InfoNCE, and NT-Xent with both kinds as negatives.

import type { Value } from '#onnx';
import { LOGIT_SCALE } from '../tower/parameters';
import {
  contrast,
  normalize,
  share,
  unrelated,
  type Candidates,
  type ContrastOptions,
} from './contrast';
import type { Term } from './term';

export interface CrossModalOptions extends ContrastOptions {
  /** Pictures also have other pictures as negatives, and texts other texts. */
  intraModal: boolean;
  /** Past embeddings of each kind that are further negatives. */
  queue: number;
}

/**
 * Symmetric InfoNCE (Radford et al. 2021, CLIP; van den Oord et al. 2018): the mean of the
 * cross-entropies of s · cos from pictures to texts and from texts to pictures. A row with more than
 * one positive shares its target among them, so that no true caption is ever a negative.
 *
 * With `intraModal`, NT-Xent (Chen et al. 2020, SimCLR) over pictures and texts together: every
 * embedding is told from all others of both kinds. Pictures that have a caption of the batch in
 * common, and texts that are true of the same picture, are neither positives nor negatives.
 *
 * With `queue`, past embeddings of momentum towers are negatives too (He et al. 2020, MoCo). Inputs
 * `queue.text` and `queue.image`, [queue, dimension] and normalised, and `queue.text.allowed`,
 * [images, queue], `queue.image.allowed`, [texts, queue]: 0 where an entry is true of the row, or empty.
 */
export function crossModal({ intraModal, queue, ...options }: CrossModalOptions): Term {
  return {
    head: () => [LOGIT_SCALE],
    inputs: {
      positives: ({ images, texts }) => [images, texts],
      ...(queue > 0 && {
        'queue.text': ({ dimension }) => [queue, dimension],
        'queue.image': ({ dimension }) => [queue, dimension],
        'queue.text.allowed': ({ images }) => [images, queue],
        'queue.image.allowed': ({ texts }) => [texts, queue],
      }),
    },
    build(ops, embeddings, values) {
      const image = normalize(ops, embeddings.image);
      const text = normalize(ops, embeddings.text!);
      const cosines = ops.matmul(image, text, { transB: true });
      const scale = ops.exp(values['logit_scale']!);
      const flip = (x: Value) => ops.transpose(x, [1, 0]);

      const direction = (
        kind: 'image' | 'text',
        across: Required<Pick<Candidates, 'cosines' | 'positives'>>,
      ) => {
        const [anchors, others] = kind === 'image' ? [image, text] : [text, image];
        const towards = (candidates: Value) => ops.matmul(anchors, candidates, { transB: true });
        // The mean of an anchor's positives: its product with a candidate is their mean cosine.
        const positive =
          options.hardNegatives > 0 ? ops.matmul(share(ops, across.positives), others) : undefined;
        const likeness = (candidates: Value) =>
          positive && ops.matmul(positive, candidates, { transB: true });

        const kinds: Candidates[] = [{ ...across, likeness: likeness(others) }];
        if (intraModal) {
          const common = ops.matmul(across.positives, across.positives, { transB: true });
          kinds.push({
            cosines: towards(anchors),
            likeness: likeness(anchors),
            allowed: unrelated(ops, common),
          });
        }
        if (queue > 0) {
          const other = kind === 'image' ? 'text' : 'image';
          const past = values[`queue.${other}`]!;
          kinds.push({
            cosines: towards(past),
            likeness: likeness(past),
            allowed: values[`queue.${other}.allowed`]!,
          });
        }
        return contrast(ops, kinds, scale, options);
      };
      const positives = values['positives']!;
      const rows = direction('image', { cosines, positives });
      const columns = direction('text', { cosines: flip(cosines), positives: flip(positives) });
      return ops.scale(ops.add(rows, columns), 0.5);
    },
  };
}
