// Keeping an HNSW index in a file: what was saved comes back, what was damaged is refused.

import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHnswIndex, IndexFileError, loadHnswIndex } from '#vectors';
import { clustered, range, rowOf } from './data';

const dimension = 16;
const vectors = clustered(1, 400, dimension);
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bifocal-vectors-'));
  file = path.join(folder, 'image.hnsw');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function filled() {
  const index = createHnswIndex({ dimension, ef: 128 });
  index.add(range(400), vectors);
  return index;
}

describe('a saved index', () => {
  it('comes back with its vectors, its deletions, its tag and its quality', async () => {
    const index = filled();
    index.remove(range(50));
    await index.save(file, 'catalog 1');
    const { index: loaded, tag } = await loadHnswIndex(file);
    expect(tag).toBe('catalog 1');
    expect([loaded.dimension, loaded.size, loaded.has(49), loaded.has(50)]).toEqual([
      dimension,
      350,
      false,
      true,
    ]);
    for (const row of range(400)) {
      const query = rowOf(vectors, dimension, row);
      expect(await loaded.search(query, 10)).toEqual(await index.search(query, 10));
    }
    expect(await readdir(folder)).toEqual(['image.hnsw']);
  });

  it('grows and shrinks after loading', async () => {
    await filled().save(file);
    const { index } = await loadHnswIndex(file);
    index.add(range(1_000, 400), clustered(2, 1_000, dimension));
    index.remove(range(900));
    expect(index.size).toBe(500);
    await index.save(file);
    expect((await loadHnswIndex(file)).index.size).toBe(500);
  });

  it('comes back when it is empty, and can be filled', async () => {
    await createHnswIndex({ dimension }).save(file);
    const { index } = await loadHnswIndex(file);
    expect(index.size).toBe(0);
    index.add([1], rowOf(vectors, dimension, 0));
    expect(await index.search(rowOf(vectors, dimension, 0), 5)).toHaveLength(1);
  });

  it('is found in a folder that did not exist, and replaces the one before it', async () => {
    const deep = path.join(folder, 'a', 'b', 'image.hnsw');
    const index = filled();
    await index.save(deep, 'one');
    await index.save(deep, 'two');
    expect((await loadHnswIndex(deep)).tag).toBe('two');
  });

  it('can be searched but not changed while it is written', async () => {
    const index = filled();
    const saved = index.save(file);
    expect((await index.search(rowOf(vectors, dimension, 3), 1))[0]!.id).toBe(3);
    expect(() => index.add([999], rowOf(vectors, dimension, 0))).toThrow(/being saved/);
    expect(() => index.remove([1])).toThrow(/being saved/);
    await expect(index.close()).rejects.toThrow(/being saved/);
    await expect(index.save(file)).rejects.toThrow(/being saved/);
    await saved;
    index.remove([1]);
    expect(index.size).toBe(399);
  });

  it('takes away what a killed process left behind an hour ago, and only that', async () => {
    const old = path.join(folder, 'image.hnsw.1.tmp');
    const fresh = path.join(folder, 'image.hnsw.2.tmp');
    const stranger = path.join(folder, 'text.hnsw.3.tmp');
    const past = new Date(Date.now() - 7_200_000);
    for (const left of [old, fresh, stranger]) await writeFile(left, 'half');
    for (const left of [old, stranger]) await utimes(left, past, past);
    await filled().save(file);
    expect((await readdir(folder)).sort()).toEqual([
      'image.hnsw',
      'image.hnsw.2.tmp',
      'text.hnsw.3.tmp',
    ]);
  });
});

describe('a file that is not a whole index', () => {
  it.each([0, 5, 11, 12, 100, 0.5, -33, -1])('is refused when cut at %s', async (at) => {
    await filled().save(file);
    const whole = await readFile(file);
    const end = at === 0.5 ? whole.length / 2 : at;
    await writeFile(file, whole.subarray(0, Math.floor(end < 0 ? whole.length + end : end)));
    await expect(loadHnswIndex(file)).rejects.toThrow(IndexFileError);
    expect(await readdir(folder)).toEqual(['image.hnsw']);
  });

  it('is refused when any bit of it is flipped', async () => {
    await filled().save(file);
    const whole = await readFile(file);
    for (let at = 0; at < whole.length; at += 1 + Math.floor(whole.length / 60)) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 1 << (at % 8);
      await writeFile(file, damaged);
      await expect(loadHnswIndex(file), `byte ${at}`).rejects.toThrow(IndexFileError);
    }
  });

  it('is refused when it is something else', async () => {
    await writeFile(file, 'not an index, but long enough to hold a header and a checksum of one');
    await expect(loadHnswIndex(file)).rejects.toThrow(/no vector index/);
  });

  it('is a missing file when there is none', async () => {
    await expect(loadHnswIndex(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('saving where one cannot', () => {
  it('says so, leaves nothing, and leaves the index usable', async () => {
    const index = filled();
    await writeFile(path.join(folder, 'occupied'), '');
    const impossible = path.join(folder, 'occupied', 'image.hnsw');
    await expect(index.save(impossible)).rejects.toThrow(/image\.hnsw could not be written/);
    index.add([999], rowOf(vectors, dimension, 0));
    expect(index.size).toBe(401);
  });
});
