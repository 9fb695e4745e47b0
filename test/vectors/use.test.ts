// A long life of an HNSW index: points go, come back, change and are saved; its recall stays, and so
// does the memory of its process.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createHnswIndex, loadHnswIndex, type HnswIndex } from '#vectors';
import { Random } from '../../services/random';
import { clustered, range, ranking, recall, rowOf } from './data';

const [ids, dimension] = [1_200, 32];
/** Two vectors an id: what it has, and what it changes to. */
const vectors = [clustered(1, ids, dimension), clustered(2, ids, dimension)];
const queries = range(40).map((row) => rowOf(clustered(3, 40, dimension), dimension, row));

/** Against brute force over what is held now. */
async function recallOf(index: HnswIndex, held: ReadonlyMap<number, Float32Array>) {
  const order = [...held.keys()];
  const all = new Float32Array(order.length * dimension);
  order.forEach((id, row) => all.set(held.get(id)!, row * dimension));
  const truth = queries.map((query) =>
    ranking(query, all, dimension)
      .slice(0, 10)
      .map((row) => order[row]!),
  );
  const found = await Promise.all(queries.map((query) => index.search(query, 10)));
  return recall(
    found.map((neighbours) => neighbours.map(({ id }) => id)),
    truth,
  );
}

it('keeps its recall and its size through a year of changes', async () => {
  const random = new Random(7);
  const folder = await mkdtemp(path.join(tmpdir(), 'bifocal-use-'));
  const file = path.join(folder, 'image.hnsw');
  const held = new Map<number, Float32Array>();
  let index = createHnswIndex({ dimension, ef: 128 });
  const put = (id: number, version: number) => {
    const vector = rowOf(vectors[version]!, dimension, id);
    index.add([id], vector);
    held.set(id, vector);
  };
  for (const id of range(ids)) put(id, 0);
  try {
    for (let week = 1; week <= 52; week++) {
      const some = Array.from({ length: 60 }, () => random.below(ids));
      index.remove(some.slice(0, 40));
      for (const id of some.slice(0, 40)) held.delete(id);
      // Of those that go, half come back as they were; others come changed, or are changed in place.
      for (const id of some.slice(20)) put(id, random.below(2));
      expect([...index.ids()].sort((a, b) => a - b)).toEqual(
        [...held.keys()].sort((a, b) => a - b),
      );
      if (week % 13 > 0) continue;
      await index.save(file, 'year');
      await index.close();
      index = (await loadHnswIndex(file)).index;
      expect(await recallOf(index, held)).toBeGreaterThanOrEqual(0.98);
      expect(index.tombstones).toBeLessThanOrEqual(0.4 * ids);
    }
  } finally {
    await index.close();
    await rm(folder, { recursive: true, force: true });
  }
});

it('gives back native memory when it is closed or built anew', async () => {
  const wide = 256;
  const many = clustered(4, 2_000, wide);
  const life = async () => {
    const index = createHnswIndex({ dimension: wide, efConstruction: 20, M: 4 });
    index.add(range(2_000), many);
    index.remove(range(1_500)); // more than may be marked: it is built anew
    await index.close();
  };
  for (let i = 0; i < 8; i++) await life();
  const before = await settledMemory();
  for (let i = 0; i < 24; i++) await life();
  // 24 lives take 100 MB if they stay.
  expect((await settledMemory()) - before).toBeLessThan(40e6);
});

/** Resident memory after the finalizers of what is unreachable: they run in a turn after a collection. */
async function settledMemory(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 3; i++) {
    collect();
    await setTimeout(20);
  }
  return process.memoryUsage().rss;
}
