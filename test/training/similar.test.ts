import { expect, test } from 'vitest';
import { Random } from '#random';
import { similarOrder } from '../../services/training/data/similar';

const KINDS = 8;
const CAPTIONS_OF_KIND = 16;
const PICTURES_OF_CAPTION = 5;
const SIZE = 8;

/** Captions of eight kinds, near each other within a kind, with five pictures each. */
const random = new Random(3);
const centres = Array.from({ length: KINDS }, () => vector(() => random.normal()));
const embeddings = centres.flatMap((centre) =>
  Array.from({ length: CAPTIONS_OF_KIND }, () => centre.map((x) => x + 0.1 * random.normal())),
);
const captions = Int32Array.from(
  { length: embeddings.length * PICTURES_OF_CAPTION },
  (_, pair) => pair % embeddings.length,
);
const likeness = { captions, embeddings };

function vector(value: () => number): Float32Array {
  return Float32Array.from({ length: 16 }, value);
}

function groupsOf(order: Uint32Array): number[][] {
  const groups: number[][] = [];
  for (let first = 0; first < order.length; first += SIZE) {
    groups.push([...order.subarray(first, first + SIZE)].map((pair) => captions[pair]!));
  }
  return groups;
}

const kinds = (group: number[]) =>
  new Set(group.map((caption) => Math.floor(caption / CAPTIONS_OF_KIND))).size;

test('an order has every pair once, is the same for the same seed and another for another', () => {
  const order = similarOrder(likeness, SIZE, new Random(1));
  expect([...order].sort((a, b) => a - b)).toEqual([...captions.keys()]);
  expect(similarOrder(likeness, SIZE, new Random(1))).toEqual(order);
  expect(similarOrder(likeness, SIZE, new Random(2))).not.toEqual(order);
});

test('groups are of captions that differ and are alike', () => {
  const groups = groupsOf(similarOrder(likeness, SIZE, new Random(1)));
  for (const group of groups) expect(new Set(group).size).toBe(group.length);
  const mean = groups.reduce((sum, group) => sum + kinds(group), 0) / groups.length;
  // Eight of a random order are of 5.3 kinds.
  expect(mean).toBeLessThan(2);
});

test('a group of one order is parted in another', () => {
  const [first] = groupsOf(similarOrder(likeness, SIZE, new Random(1)));
  const others = groupsOf(similarOrder(likeness, SIZE, new Random(2)));
  const key = (group: number[]) => [...group].sort((a, b) => a - b).join();
  expect(others.map(key)).not.toContain(key(first!));
});

test('pairs whose captions all embed alike are still all there', () => {
  const same = {
    captions: Int32Array.of(0, 1, 2, 3, 0),
    embeddings: Array(4).fill(vector(() => 1)),
  };
  expect([...similarOrder(same, 2, new Random(1))].sort()).toEqual([0, 1, 2, 3, 4]);
});
