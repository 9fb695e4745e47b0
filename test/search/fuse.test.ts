// Two rankings as one, against reciprocal ranks worked out by hand.
import { expect, it } from 'vitest';
import type { TextMatch } from '#catalog';
import { fuse, NEAREST } from '../../services/search/fuse';

const near = (...scores: number[]) => scores.map((score, index) => ({ id: index + 1, score }));
const match = (itemId: number, field: TextMatch['field'] = 'caption') => ({
  itemId,
  captionId: null,
  field,
});
const ids = (candidates: { id: number }[]) => candidates.map(({ id }) => id);

it('leaves the order alone where no text matches, and judges by the cutoff', () => {
  const fused = fuse(near(0.9, 0.5, 0.1), [], 0.5);
  expect(ids(fused)).toEqual([1, 2, 3]);
  expect(fused.map(({ related }) => related)).toEqual([true, true, false]);
  expect(fused.map(({ matched }) => matched)).toEqual([['meaning'], ['meaning'], []]);
});

it('adds reciprocal ranks: second in both comes before first in one', () => {
  // 1: 1/61. 2: 1/62 + 1/62. 3: 1/63. 9: 1/61, by words alone.
  const fused = fuse(near(0.9, 0.8, 0.7), [match(9, 'name'), match(2)], null);
  expect(ids(fused)).toEqual([2, 1, 9, 3]);
  expect(fused[0]!.matched).toEqual(['meaning', 'caption']);
  expect(fused[2]).toEqual({ id: 9, score: null, related: true, matched: ['name'] });
});

it('puts what is unrelated behind what has the words, however near', () => {
  const fused = fuse(near(0.9, 0.3, 0.2), [match(7), match(8)], 0.5);
  expect(ids(fused)).toEqual([1, 7, 8, 2, 3]);
  expect(fused.map(({ related }) => related)).toEqual([true, true, true, false, false]);
  expect(fused[1]!.matched).toEqual(['caption']);
});

it('orders the same however many neighbours are looked at, each once', () => {
  const neighbours = near(...Array.from({ length: NEAREST + 60 }, (_, rank) => 1 - rank / 1000));
  // One within, one beyond the ranks that take part.
  const matches = [match(NEAREST + 30), match(50)];
  const first = fuse(neighbours.slice(0, NEAREST), matches, null);
  const more = fuse(neighbours, matches, null);
  expect(ids(more).slice(0, first.length)).toEqual(ids(first));
  expect(new Set(ids(more)).size).toBe(neighbours.length);
});
