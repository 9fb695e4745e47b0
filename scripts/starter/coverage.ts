// How recall depends on how many drawings of the same thing were trained on.

import type { Coverage } from './figures';

/** Most drawings of each class; the last has all more. */
const CLASSES = [0, 4, 8, Infinity];

/**
 * Recall of pictures by how many drawings of their concepts, cut out, were trained on; candidates are all.
 *
 * @param concepts of the pictures asked for, in the order of `ranks`.
 * @param trained the concepts of the drawings that were trained on.
 */
export function recallByCoverage(
  concepts: readonly string[],
  ranks: readonly number[],
  trained: readonly string[],
): Coverage[] {
  const drawn = new Map<string, number>();
  for (const concept of trained) drawn.set(concept, (drawn.get(concept) ?? 0) + 1);
  return CLASSES.map((most, at) => {
    const least = at === 0 ? 0 : CLASSES[at - 1]! + 1;
    const own = ranks.filter((_, index) => {
      const count = drawn.get(concepts[index]!) ?? 0;
      return count >= least && count <= most;
    });
    const within = (rank: number) => own.filter((of) => of <= rank).length / own.length;
    const name =
      most === Infinity ? `${least} and more` : least === most ? `${most}` : `${least} to ${most}`;
    return { drawings: name, pictures: own.length, r1: within(1), r10: within(10) };
  });
}
