// Two rankings as one: by likeness to the query, and by the query's words in captions and file names.

import type { TextMatch } from '#catalog';
import type { Neighbour } from '#vectors';

/** Neighbours that take part. Beyond, likeness alone decides: a page never depends on how far one looked. */
export const NEAREST = 100;
/** Texts with the words that take part: they cost less to find than neighbours. */
export const MATCHES = 200;
/** The constant of reciprocal rank fusion: how little the first ranks stand out (Cormack et al. 2009). */
const DAMPING = 60;

/** What speaks for a hit. */
export type Matched = 'meaning' | 'caption' | 'name';

export interface Candidate {
  id: number;
  /** Null where only its words are known; nobody has compared it with the query yet. */
  score: number | null;
  related: boolean;
  matched: Matched[];
}

/**
 * Orders by Σ 1 / (60 + rank) over the rankings that something is in. What is related comes before
 * what is not: it scores at least `cutoff`, or has the words.
 * @param neighbours - best first, NEAREST or more of them, or all
 * @param matches - best first, at most MATCHES
 */
export function fuse(
  neighbours: readonly Neighbour[],
  matches: readonly TextMatch[],
  cutoff: number | null,
): Candidate[] {
  const near = (score: number) => score >= (cutoff ?? -Infinity);
  const plain = ({ id, score }: Neighbour): Candidate => ({
    id,
    score,
    related: near(score),
    matched: near(score) ? ['meaning'] : [],
  });
  if (matches.length === 0) return neighbours.map(plain);

  const zone = new Map<number, Candidate & { worth: number }>();
  neighbours.slice(0, NEAREST).forEach((neighbour, rank) => {
    zone.set(neighbour.id, { ...plain(neighbour), worth: 1 / (DAMPING + rank + 1) });
  });
  matches.forEach(({ itemId: id, field }, rank) => {
    const known = zone.get(id) ?? { id, score: null, matched: [], worth: 0 };
    const matched = [...known.matched, field];
    const worth = known.worth + 1 / (DAMPING + rank + 1);
    zone.set(id, { ...known, related: true, matched, worth });
  });
  const fused = [...zone.values()].sort(
    (a, b) => Number(b.related) - Number(a.related) || b.worth - a.worth,
  );
  return [
    ...fused.map(({ worth: _, ...candidate }) => candidate),
    ...neighbours.slice(NEAREST).flatMap((one) => (zone.has(one.id) ? [] : [plain(one)])),
  ];
}
