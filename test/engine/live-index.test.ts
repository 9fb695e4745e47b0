// The index that follows the catalog: filled, kept in step, saved, loaded, and built anew when it must.

import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadHnswIndex, readTuning, writeTuning } from '#vectors';
import { cosine } from '../vectors/data';
import { Builds } from '../../services/engine/build/builds';
import { LiveIndex } from '../../services/engine/live-index';
import { Reader } from '../../services/engine/reader/reader';
import { makeLibrary, pathOf, storePictures, takenAt, vectorOf, type Library } from './library';

let library: Library;
let file: string;
const opened: (LiveIndex | Reader)[] = [];

beforeEach(async () => {
  library = await makeLibrary();
  file = path.join(library.home, 'index', 'image.hnsw');
});
afterEach(async () => {
  for (const index of opened.splice(0)) await index.close();
  await library.remove();
});

async function open(from: Library = library): Promise<LiveIndex> {
  const { catalog, model } = from;
  const reader = new Reader(catalog.file);
  const builds = new Builds();
  const index = await LiveIndex.open({ catalog, model, modality: 'image', file, reader, builds });
  opened.push(index, reader);
  return index;
}

/** Marks files as gone, as ingest does when they are. */
async function lose(first: number, count: number): Promise<void> {
  const gone = new Set(Array.from({ length: count }, (_, i) => pathOf(first + i)));
  for await (const page of library.catalog.files.under('/pictures')) {
    const ids = page.filter((known) => gone.has(known.path)).map(({ id }) => id);
    await library.catalog.files.markMissing(ids);
  }
}

const nearest = async (index: LiveIndex, n: number) => (await index.search(vectorOf(n), 1))[0]?.id;

describe('LiveIndex', () => {
  it('is empty over an empty catalog', async () => {
    const index = await open();
    expect([index.size, await index.search(vectorOf(1), 5)]).toEqual([0, []]);
  });

  it('answers exactly at once and by HNSW when it has caught up, the same', async () => {
    await storePictures(library, 1, 300);
    const index = await open();
    expect([index.size, index.method]).toEqual([300, 'exact']);
    const exact = await index.search(vectorOf(1_000), 10);
    expect(await nearest(index, 42)).toBe(42);
    await index.update();
    expect(index.method).toBe('hnsw');
    expect(await nearest(index, 42)).toBe(42);
    const found = await index.search(vectorOf(1_000), 10);
    expect(found.map(({ id }) => id)).toEqual(exact.map(({ id }) => id));
  });

  it('takes in what is new and what has gone', async () => {
    await storePictures(library, 1, 100);
    const index = await open();
    await index.update();
    await storePictures(library, 101, 50);
    await lose(1, 10);
    expect(await nearest(index, 120)).not.toBe(120);
    await index.update();
    expect([index.size, index.method]).toEqual([140, 'hnsw']);
    expect(await nearest(index, 120)).toBe(120);
    expect(await nearest(index, 5)).not.toBe(5);
  });

  it('follows what tuning has chosen, while it runs and when it starts', async () => {
    await storePictures(library, 1, 300);
    const index = await open();
    await index.update();
    const chosen = { M: 8, efConstruction: 100, ef: 40, recall: 1, target: 0.99, size: 300 };
    await writeTuning(file, { method: 'hnsw', ...chosen });
    await index.save();
    expect([index.method, await nearest(index, 42)]).toEqual(['hnsw', 42]);
    const saved = await loadHnswIndex(file);
    expect(saved.index.settings).toMatchObject({ M: 8, efConstruction: 100, ef: 40 });
    await saved.index.close();

    await writeTuning(file, { method: 'exact', ...chosen });
    await index.save();
    expect([index.method, await nearest(index, 42)]).toEqual(['exact', 42]);
    const again = await open();
    await again.update();
    expect([again.method, await nearest(again, 42)]).toEqual(['exact', 42]);
  });

  it('searches more thoroughly where the queries of late were not answered well', async () => {
    await storePictures(library, 1, 900);
    const poor = { M: 2, efConstruction: 4, ef: 10, recall: 1, target: 0.99, size: 900 };
    await writeTuning(file, { method: 'hnsw', ...poor });
    const index = await open();
    await index.update();
    const truth = await open(); // it has not been told to update: exact
    let found = 0;
    for (let n = 0; n < 40; n++) {
      const right = new Set((await truth.search(vectorOf(2_000 + n), 10)).map(({ id }) => id));
      found += (await index.search(vectorOf(2_000 + n), 10)).filter(({ id }) =>
        right.has(id),
      ).length;
    }
    expect(found / 400).toBeLessThan(0.9);
    await index.measure();
    expect(index.recall).toBeCloseTo(found / 400, 5);
    expect((await readTuning(file))!.ef).toBe(15);
    await index.measure();
    expect((await readTuning(file))!.ef).toBe(15);
  });

  it('is not written anew for a change that is soon made again', async () => {
    await storePictures(library, 1, 300);
    const index = await open();
    await index.update();
    await index.saveSome();
    const saved = async () => {
      const { index: graph } = await loadHnswIndex(file);
      const { size } = graph;
      await graph.close();
      return size;
    };
    await storePictures(library, 301, 2);
    await index.update();
    await index.saveSome();
    expect(await saved()).toBe(300);
    await storePictures(library, 303, 2);
    await index.update();
    await index.saveSome();
    expect(await saved()).toBe(304);
    await storePictures(library, 305, 1);
    await index.update();
    await index.save();
    expect(await saved()).toBe(305);
  });

  it('survives the loss of nearly everything', async () => {
    await storePictures(library, 1, 200);
    const index = await open();
    await index.update();
    await lose(1, 190);
    await index.update();
    expect([index.size, index.method]).toEqual([10, 'hnsw']);
    expect((await index.search(vectorOf(195), 3))[0]!.id).toBe(195);
  });

  it('searches within what satisfies a filter', async () => {
    await storePictures(library, 1, 100);
    const index = await open();
    await index.update();
    await lose(20, 3);
    await index.update();
    const found = await index.search(vectorOf(7), 10, { under: pathOf(9) });
    expect(found.map(({ id }) => id)).toEqual([9]);
    const gone = await index.search(vectorOf(21), 10, { missing: true });
    expect(gone.map(({ id }) => id).sort()).toEqual([20, 21, 22]);
    expect(gone[0]).toEqual({ id: 21, score: expect.closeTo(1, 5) as number });
    expect(await index.search(vectorOf(21), 10, { under: pathOf(21) })).toEqual([]);
    await expect(index.search(vectorOf(7), 1, { collection: 'none' })).rejects.toThrow(/no collec/);
  });

  it('is loaded from its file when nothing has changed, without building', async () => {
    await storePictures(library, 1, 100);
    const first = await open();
    await first.update();
    await first.save();
    const { mtimeMs } = await stat(file);
    const second = await open();
    expect([second.size, second.method]).toEqual([100, 'exact']);
    expect(await nearest(second, 42)).toBe(42);
    await second.update();
    expect([second.method, await nearest(second, 42)]).toEqual(['hnsw', 42]);
    await second.save();
    expect((await stat(file)).mtimeMs).toBe(mtimeMs);
  });

  it('catches up from a file that lags behind', async () => {
    await storePictures(library, 1, 100);
    const first = await open();
    await first.update();
    await first.save();
    await storePictures(library, 101, 20);
    await lose(1, 5);
    const second = await open();
    expect([second.size, second.method]).toEqual([115, 'exact']);
    await second.update();
    expect(second.method).toBe('hnsw');
    expect(await nearest(second, 110)).toBe(110);
    await second.save();
    expect((await loadHnswIndex(file)).index.size).toBe(115);
  });

  it('builds anew when the file is damaged', async () => {
    await storePictures(library, 1, 50);
    const first = await open();
    await first.update();
    await first.save();
    const bytes = await readFile(file);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(file, bytes);
    const second = await open();
    expect(second.method).toBe('exact');
    await second.update();
    expect(second.method).toBe('hnsw');
    await second.save();
    expect((await loadHnswIndex(file)).index.size).toBe(50);
  });

  it('does not use the file of another catalog, although the ids are the same', async () => {
    const other = await makeLibrary();
    await storePictures(other, 1_001, 50);
    const foreign = await open(other);
    await foreign.update();
    await foreign.save();
    await storePictures(library, 1, 50);
    const index = await open();
    expect(index.method).toBe('exact');
    await index.update();
    expect(await nearest(index, 42)).toBe(42);
    await other.remove();
  });

  it('does not save what is incomplete', async () => {
    await storePictures(library, 1, 50);
    const index = await open();
    await index.save();
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('has a process build what takes long, answers exactly until then, and goes on following', async () => {
    await storePictures(library, 1, 1_500);
    const index = await open();
    await index.update();
    expect([index.method, index.building, index.recall]).toEqual([
      'exact',
      { done: 0, total: 1_500 },
      1,
    ]);
    await storePictures(library, 1_501, 20);
    await index.update();
    expect([index.size, await nearest(index, 1_510)]).toEqual([1_520, 1_510]);
    await index.settle();
    expect([index.size, index.building, await nearest(index, 1_510)]).toEqual([
      1_520,
      undefined,
      1_510,
    ]);
    const tuning = (await readTuning(file))!;
    expect([tuning.size >= 1_500, tuning.recall >= 0.99]).toEqual([true, true]);
    expect(index.method).toBe(tuning.method);
    expect(index.recall).toBe(tuning.method === 'hnsw' ? tuning.recall : 1);
  });

  it('ends a build when the engine closes, and says so to who waits for it', async () => {
    await storePictures(library, 1, 1_500);
    const index = await open();
    const settled = index.settle();
    await expect.poll(() => index.building).toBeDefined();
    await index.abort();
    await expect(settled).rejects.toThrow(/index was not built|cancelled/);
    expect(await nearest(index, 1_000)).toBe(1_000);
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('finds within wide and narrow filters what comparing all finds', async () => {
    await storePictures(library, 1, 600);
    const index = await open();
    const shares = [0.9, 0.5, 0.1, 0.01];
    const answers = () =>
      Promise.all(
        shares.map((share) =>
          index.search(vectorOf(1_000), 10, { takenTo: takenAt(1 + 600 * share).toISOString() }),
        ),
      );
    const exactly = await answers();
    await index.update();
    expect(index.method).toBe('hnsw');
    for (const [i, found] of (await answers()).entries()) {
      expect(found.map(({ id }) => id)).toEqual(exactly[i]!.map(({ id }) => id));
      expect(found).toHaveLength(Math.min(10, 600 * shares[i]!));
      expect(found.every(({ id }) => id <= 600 * shares[i]!)).toBe(true);
    }
  });

  it('draws the same sample of what is held, whatever is asked, and another within a filter', async () => {
    await storePictures(library, 1, 1_400);
    const index = await open();
    const cosines = await index.background(vectorOf(42));
    expect(cosines).toHaveLength(1_024);
    const all = Array.from({ length: 1_400 }, (_, i) => cosine(vectorOf(42), vectorOf(i + 1)));
    for (const one of cosines) {
      expect(Math.min(...all.map((other) => Math.abs(one - other)))).toBeLessThan(1e-5);
    }
    const mean = (values: ArrayLike<number>) =>
      Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(cosines)).toBeCloseTo(mean(all), 1);
    expect(await index.background(vectorOf(42))).toEqual(cosines);
    const few = await index.background(vectorOf(42), { takenTo: takenAt(31).toISOString() });
    const first = Float32Array.from(all.slice(0, 30)).sort();
    expect(few).toHaveLength(30);
    for (const [i, one] of few.sort().entries()) expect(one).toBeCloseTo(first[i]!, 5);
  });

  it('keeps the sample that a new index would draw, while pictures come and go', async () => {
    await storePictures(library, 1, 1_400);
    const index = await open();
    const sampled = async (from: LiveIndex) => from.background(vectorOf(42));
    const before = await sampled(index);
    await storePictures(library, 1_401, 300);
    await index.follow();
    const grown = await sampled(index);
    expect(grown).not.toEqual(before);
    expect(grown).toEqual(await sampled(await open()));
    await lose(1, 200);
    await index.follow();
    expect(await sampled(index)).not.toEqual(grown);
    expect(await sampled(index)).toEqual(await sampled(await open()));
  });
});
