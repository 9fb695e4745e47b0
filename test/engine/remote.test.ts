// The engine in a process of its own: warming up, answering, following the catalog, dying, coming back.

import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { EngineUnavailable, startEngine, type Engine } from '#engine';
import { addPictures, makeGallery, pictureFile, type Gallery } from './gallery';
import { createTinyModel } from './tiny-model';

// Starting a process takes a second, or a minute where many others do the same; only a hang shall fail.
const patience = { timeout: 500_000, interval: 50 };
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

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

function start(model = gallery.modelFolder): Engine {
  const engine = startEngine({ home: gallery.home, model });
  engines.push(engine);
  return engine;
}

function stateBecomes(engine: Engine, state: string): Promise<void> {
  return vi.waitFor(async () => expect((await engine.status()).state).toBe(state), patience);
}

/** The child process, which only these tests want to see. */
function childOf(engine: Engine): ChildProcess {
  return (engine as unknown as { child: ChildProcess }).child;
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('startEngine', () => {
  it('says that it is warming up', async () => {
    const engine = start();
    expect(await engine.status()).toEqual({
      state: 'starting',
      indexed: { image: 0, text: 0 },
      method: { image: 'exact', text: 'exact' },
    });
    await expect(engine.encodeTexts(['a cat'])).rejects.toThrow(EngineUnavailable);
    await expect(engine.encodeTexts(['a cat'])).rejects.toThrow(/warming up/);
  });

  it('says why it cannot start, and starts once it can', async () => {
    const missing = path.join(gallery.home, 'models', 'late');
    const engine = start(missing);
    await stateBecomes(engine, 'failed');
    expect((await engine.status()).error).toMatch(/late/);
    await expect(engine.encodeTexts(['a'])).rejects.toThrow(/cannot start: .*late/);
    await createTinyModel(missing);
    await stateBecomes(engine, 'ready');
    expect((await engine.status()).model!.name).toBe('late');
  });

  it('ends its process when the parent is killed', async () => {
    const script = ['--import', 'tsx', 'test/engine/parent.ts'];
    const parent = spawn(process.execPath, [...script, gallery.home, gallery.modelFolder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once('data', (line: Buffer) => resolve(Number(line))),
    );
    expect(alive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => alive(pid), patience).toBe(false);
  });
});

describe('a started engine', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = startEngine({ home: gallery.home, model: gallery.modelFolder });
    await stateBecomes(engine, 'ready');
  });
  afterAll(() => engine.close());

  it('encodes as the model does', async () => {
    expect((await engine.status()).model).toMatchObject({ name: 'tiny', dimension: 16 });
    const [expected] = await gallery.encoder.encodeTexts(['a cat']);
    const [vector] = await engine.encodeTexts(['a cat']);
    expect(vector).toBeInstanceOf(Float32Array);
    for (const [i, x] of vector!.entries()) expect(x).toBeCloseTo(expected![i]!, 5);
  });

  it('finds pictures sent as bytes, within a folder, and answers many at once', async () => {
    const numbers = [3, 11, 19];
    const found = await Promise.all(
      numbers.map(async (n) => {
        const [vector] = await engine.encodeImages([await readFile(pictureFile(gallery, n))]);
        const filter = { under: pictureFile(gallery, n) };
        return engine.search({ modality: 'image', vector: vector!, k: 5, filter });
      }),
    );
    expect(found.map(([best]) => best!.id)).toEqual(numbers);
    expect(found.map((hits) => hits.length)).toEqual([1, 1, 1]);
  });

  it('passes errors on by name and message', async () => {
    await expect(engine.encodeImages([Buffer.from('no picture')])).rejects.toMatchObject({
      name: 'ImageError',
    });
    const vector = new Float32Array(3).fill(1);
    await expect(engine.search({ modality: 'image', vector, k: 1 })).rejects.toThrow(
      /query has 3 numbers, the index has dimension 16/,
    );
  });

  it('takes in by itself what another process writes', async () => {
    await addPictures(gallery, 21, 3);
    await expect
      .poll(async () => (await engine.status()).indexed, patience)
      .toEqual({ image: 23, text: 23 });
  });

  it('fails what is under way when its process dies, and comes back in another', async () => {
    const { pid } = childOf(engine);
    const pending = engine.encodeImages([pictureFile(gallery, 1)]);
    childOf(engine).kill('SIGKILL');
    await expect(pending).rejects.toThrow(EngineUnavailable);
    expect(await engine.status()).toMatchObject({ state: 'starting', error: /SIGKILL/ });
    await expect(engine.encodeTexts(['a'])).rejects.toThrow(/warming up/);
    await stateBecomes(engine, 'ready');
    expect(childOf(engine).pid).not.toBe(pid);
    expect((await engine.status()).error).toBeUndefined();
    expect(await engine.encodeTexts(['a'])).toHaveLength(1);
  });

  it('ends its process when it is closed', async () => {
    const { pid } = childOf(engine);
    await engine.close();
    expect(alive(pid!)).toBe(false);
    await expect(engine.encodeTexts(['a'])).rejects.toThrow(/closed/);
  });
});
