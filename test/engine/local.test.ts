// The engine in this process: a real model, a real catalog, real indexes.

import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EngineUnavailable, openEngine, type Engine } from '#engine';
import { ImageError } from '#model';
import { LocalEngine } from '../../services/engine/local';
import { addPictures, makeGallery, pictureFile, type Gallery } from './gallery';

let gallery: Gallery;
const engines: Engine[] = [];

beforeAll(async () => {
  gallery = await makeGallery();
  await addPictures(gallery, 1, 20);
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});
afterAll(() => gallery.remove());

async function open(): Promise<Engine> {
  const engine = await openEngine({ home: gallery.home, model: gallery.modelFolder });
  engines.push(engine);
  return engine;
}

describe('openEngine', () => {
  it('says which model it runs and how much it has indexed', async () => {
    const engine = await open();
    await engine.refresh();
    expect(await engine.status()).toEqual({
      state: 'ready',
      model: { name: 'tiny', fingerprint: gallery.encoder.fingerprint, dimension: 16 },
      indexed: { image: 20, text: 20 },
      method: { image: 'hnsw', text: 'hnsw' },
      recall: { image: null, text: null },
    });
  });

  it('encodes as the model does, whoever asks at the same time', async () => {
    const engine = await open();
    const [one, two] = await Promise.all([
      engine.encodeTexts(['a cat']),
      engine.encodeTexts(['a dog', 'a picture']),
    ]);
    const expected = await gallery.encoder.encodeTexts(['a cat', 'a dog', 'a picture']);
    for (const [i, vector] of [...one, ...two].entries()) {
      expect(vector).toHaveLength(16);
      for (const [j, x] of vector.entries()) expect(x).toBeCloseTo(expected[i]![j]!, 5);
    }
    expect([await engine.encodeTexts([]), await engine.encodeImages([])]).toEqual([[], []]);
  });

  it('finds every picture by itself, from a path and from bytes', async () => {
    const engine = await open();
    for (const n of [1, 7, 20]) {
      const file = pictureFile(gallery, n);
      for (const image of [file, await readFile(file)]) {
        const [vector] = await engine.encodeImages([image]);
        const [best] = await engine.search({ modality: 'image', vector: vector!, k: 3 });
        expect(best!.id).toBe(n);
        expect(best!.score).toBeCloseTo(1, 4);
      }
    }
  });

  it('finds captions by their words, and only those that it is told', async () => {
    const engine = await open();
    const [vector] = await engine.encodeTexts(['picture 5']);
    const all = await engine.search({ modality: 'text', vector: vector!, k: 1 });
    const caption = (await gallery.catalog.captions([all[0]!.id])).get(all[0]!.id);
    expect(caption!.text).toBe('picture 5');
    const filter = { under: pictureFile(gallery, 3) };
    const few = await engine.search({ modality: 'text', vector: vector!, k: 20, filter });
    expect(few.map(({ id }) => id)).toEqual([3]);
  });

  it('rejects a picture that is none', async () => {
    const engine = await open();
    await expect(engine.encodeImages([Buffer.from('no picture')])).rejects.toThrow(ImageError);
  });

  it('takes in what others have written when it is told to, and keeps it in files', async () => {
    const engine = await open();
    await addPictures(gallery, 21, 5);
    const [vector] = await engine.encodeImages([pictureFile(gallery, 23)]);
    const request = { modality: 'image', vector: vector!, k: 1 } as const;
    expect((await engine.search(request))[0]!.id).not.toBe(23);
    await engine.refresh();
    expect((await engine.search(request))[0]!.id).toBe(23);
    expect((await engine.status()).indexed).toEqual({ image: 25, text: 25 });
    const folder = path.join(gallery.home, 'index', gallery.encoder.fingerprint);
    expect((await readdir(folder)).sort()).toEqual(['image.hnsw', 'text.hnsw']);
    const next = await open();
    expect((await next.search(request))[0]!.id).toBe(23);
    await next.refresh();
    expect((await next.status()).method).toEqual({ image: 'hnsw', text: 'hnsw' });
  });

  it('finds what others write while HNSW is being loaded, however long that takes', async () => {
    const engine = await LocalEngine.open({ home: gallery.home, model: gallery.modelFolder });
    engines.push(engine);
    const graph = path.join(gallery.home, 'index', gallery.encoder.fingerprint, 'image.hnsw');
    await mkdir(path.dirname(graph), { recursive: true });
    await rm(graph, { force: true });
    execFileSync('mkfifo', [graph]); // whoever opens it to read waits until somebody writes
    const written = async (n: number) => {
      await addPictures(gallery, n, 1);
      const { items: id } = await gallery.catalog.counts();
      const [vector] = await gallery.encoder.encodeImages([pictureFile(gallery, n)]);
      const found = async () => {
        await engine.poll();
        return (await engine.search({ modality: 'image', vector: vector!, k: 1 }))[0]!.id;
      };
      await expect.poll(found, { timeout: 20_000 }).toBe(id);
    };
    try {
      await written(26); // after which it turns to HNSW
      await written(27);
      expect((await engine.status()).method.image).toBe('exact');
    } finally {
      await writeFile(graph, ''); // no index: HNSW is built anew
    }
    await engine.refresh();
    expect((await engine.status()).method.image).toBe('hnsw');
  });

  it('uses what the caller has open, and leaves it open', async () => {
    const { home, encoder, catalog } = gallery;
    const engine = await openEngine({ home, encoder, catalog });
    const [vector] = await engine.encodeImages([pictureFile(gallery, 2)]);
    expect((await engine.search({ modality: 'image', vector: vector!, k: 1 }))[0]!.id).toBe(2);
    await engine.close();
    expect(await encoder.encodeTexts(['still here'])).toHaveLength(1);
    expect((await catalog.counts()).items).toBeGreaterThan(0);
  });

  it('answers nothing once it is closed', async () => {
    const engine = await open();
    await engine.close();
    await engine.close();
    const vector = new Float32Array(16).fill(1);
    await expect(engine.encodeTexts(['a'])).rejects.toThrow(EngineUnavailable);
    await expect(engine.search({ modality: 'image', vector, k: 1 })).rejects.toThrow(/closed/);
    await expect(engine.refresh()).rejects.toThrow(EngineUnavailable);
  });

  it('says which model is missing', async () => {
    const missing = path.join(gallery.home, 'no-model');
    await expect(openEngine({ home: gallery.home, model: missing })).rejects.toThrow(/no-model/);
  });
});
