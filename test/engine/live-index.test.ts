// The index that follows the catalog: filled, kept in step, saved, loaded, and built anew when it must.

import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadHnswIndex, writeTuning } from '#vectors';
import { LiveIndex } from '../../services/engine/live-index';
import { makeLibrary, pathOf, storePictures, vectorOf, type Library } from './library';

let library: Library;
let file: string;
const opened: LiveIndex[] = [];

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
  const index = await LiveIndex.open({ catalog, model, modality: 'image', file });
  opened.push(index);
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
    expect([second.size, second.method]).toEqual([100, 'hnsw']);
    expect(await nearest(second, 42)).toBe(42);
    await second.update();
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

  it('ends a long update when the engine closes, and answers exactly until then', async () => {
    await storePictures(library, 1, 3_000);
    const index = await open();
    const update = index.update();
    expect(index.method).toBe('exact');
    expect(await nearest(index, 2_000)).toBe(2_000);
    index.abort();
    await expect(update).rejects.toThrow(/closed/);
  });
});
