// Vectors that come again and again: each is one node of the graph, and every id of it is found.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createExactIndex, createHnswIndex, loadHnswIndex, type HnswIndex } from '#vectors';
import { Random } from '#random';
import { clustered, range, rowOf } from './data';

const [dimension, different, times] = [16, 80, 30];
const distinct = clustered(3, different, dimension);
const queries = range(40).map((row) => rowOf(clustered(4, 40, dimension), dimension, row));

/** The vector of an id: each of the different ones `times` times, far from each other. */
const vectorOf = (id: number) => rowOf(distinct, dimension, id % different);

function filled<T extends { add: HnswIndex['add'] }>(index: T, ids = range(different * times)): T {
  for (const id of ids) index.add([id], vectorOf(id));
  return index;
}

/** What exact search finds, and by the same ids where scores are equal. */
async function expectToBeExact(index: HnswIndex, ids: readonly number[], k = 10): Promise<void> {
  const exact = filled(createExactIndex({ dimension }), [...ids]);
  for (const query of queries) {
    const [found, truth] = [await index.search(query, k), await exact.search(query, k)];
    expect(found.map(({ id }) => id)).toEqual(truth.map(({ id }) => id));
  }
  await exact.close();
}

describe('an HNSW index of few vectors that many ids have', () => {
  it('finds what exact search finds', async () => {
    const index = filled(createHnswIndex({ dimension, ef: 64 }));
    expect(index.size).toBe(different * times);
    await expectToBeExact(index, range(different * times));
    await expectToBeExact(index, range(different * times), 100);
    await index.close();
  });

  it('keeps a vector as long as any id has it, whichever goes first', async () => {
    const index = filled(createHnswIndex({ dimension, ef: 64 }));
    const kept = range(different * times).filter((id) => id >= different * 25 && id % 7 !== 3);
    const order = new Random(2).permutation(different * times);
    const gone = Array.from(order).filter((id) => !kept.includes(id));
    for (const id of gone) index.remove([id]);
    expect(index.size).toBe(kept.length);
    expect([...index.ids()].sort((a, b) => a - b)).toEqual(kept);
    await expectToBeExact(index, kept);
    filled(index, gone);
    await expectToBeExact(index, range(different * times));
    await index.close();
  });

  it('gives an id that changes its vector to the others of that, and leaves the rest', async () => {
    const index = filled(createHnswIndex({ dimension, ef: 64 }), range(3 * different));
    // The node of the first vector, a twin of the second, and each back again.
    index.add([0, different + 1], Float32Array.of(...vectorOf(1), ...vectorOf(0)));
    const near = async (id: number) =>
      (await index.search(vectorOf(id), 3)).map((hit) => hit.id).sort((a, b) => a - b);
    expect(await near(0)).toEqual([different, different + 1, 2 * different]);
    expect(await near(1)).toEqual([0, 1, 2 * different + 1]);
    index.add([0, different + 1], Float32Array.of(...vectorOf(0), ...vectorOf(1)));
    await expectToBeExact(index, range(3 * different));
    expect(index.size).toBe(3 * different);
    await index.close();
  });

  it('comes back from its file as it was, and goes on', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'bifocal-twins-'));
    try {
      const half = range(different * 15);
      const saved = filled(createHnswIndex({ dimension, ef: 64 }), half);
      saved.remove(range(different));
      await saved.save(path.join(folder, 'index'));
      await saved.close();
      const { index } = await loadHnswIndex(path.join(folder, 'index'));
      await expectToBeExact(index, half.slice(different));
      filled(index, range(different * times));
      await expectToBeExact(index, range(different * times));
      await index.close();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
