// How many pairs of a random batch would be wrong negatives: expected numbers in closed form.

import type { Pair } from '../data/pairs';

export interface FalseNegatives {
  /** Picture and caption of different pairs of a batch where the caption is true: taken as positives. */
  sharedCaptions: number;
  /** Pairs of a batch whose pictures look alike and share no caption: these do stay negatives. */
  lookAlikes: number;
  /** All pairs of a picture and another's caption in a batch. */
  negatives: number;
}

/**
 * Two given pictures of N are both in a batch of B with probability B(B−1) / N(N−1). Then of the c
 * captions that stand for picture j, on average c · |Cᵢ ∩ Cⱼ| / |Cⱼ| are captions of picture i too.
 * @param alike places of pictures that look alike
 */
export function expectedFalseNegatives(
  pairs: readonly Pair[],
  batchSize: number,
  captionsPerPicture: number,
  alike: readonly [number, number][],
): FalseNegatives {
  const count = pairs.length;
  const together = count < 2 ? 0 : (batchSize * (batchSize - 1)) / (count * (count - 1));
  // Of each caption: how many pictures have it, and the sum of their chances to show it.
  const captions = new Map<string, { pictures: number; chances: number }>();
  for (const pair of pairs) {
    for (const caption of pair.captions) {
      const entry = captions.get(caption) ?? { pictures: 0, chances: 0 };
      entry.pictures++;
      entry.chances += captionsPerPicture / pair.captions.length;
      captions.set(caption, entry);
    }
  }
  let shared = 0;
  for (const { pictures, chances } of captions.values()) shared += (pictures - 1) * chances;
  const unmasked = alike.filter(([a, b]) => {
    const said = new Set(pairs[a]!.captions);
    return !pairs[b]!.captions.some((caption) => said.has(caption));
  });
  return {
    sharedCaptions: together * shared,
    lookAlikes: together * unmasked.length,
    negatives: batchSize * (batchSize - 1) * captionsPerPicture,
  };
}
