// Models side by side: another takes over while queries go on, and no query ever meets two of them.

import { rename } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CatalogModel } from '#catalog';
import { loadServingModel, ModelChanged, openEngine, type Engine } from '#engine';
import { loadDualEncoder, type DualEncoder } from '#model';
import { search } from '#search';
import type { LocalEngine } from '../../services/engine/local';
import { addPictures, makeGallery, pictureFile, type Gallery } from './gallery';
import { createTinyModel } from './tiny-model';

const pictures = 30;
const patience = { timeout: 60_000, interval: 20 };

let gallery: Gallery;
let other: DualEncoder;
let otherRow: CatalogModel;
const engines: Engine[] = [];

beforeAll(async () => {
  gallery = await makeGallery();
  await addPictures(gallery, 1, pictures);
  const folder = path.join(gallery.home, 'models', 'other');
  await createTinyModel(folder, 2);
  other = await loadDualEncoder(folder);
  otherRow = await gallery.catalog.models.register(other);
  await embedByOther(1, pictures);
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});
afterAll(async () => {
  await other.dispose();
  await gallery.remove();
});

async function embedByOther(first: number, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, i) => first + i);
  const vectors = await other.encodeImages(ids.map((id) => pictureFile(gallery, id)));
  await gallery.catalog.embedItems(otherRow, new Map(ids.map((id, n) => [id, vectors[n]!])));
}

/** As a server has it: following the catalog, several times a second. */
async function openFollowing(): Promise<Engine> {
  await gallery.catalog.models.use(gallery.model);
  const engine = (await openEngine({ home: gallery.home })) as LocalEngine;
  engines.push(engine);
  const timer = setInterval(() => void engine.poll(), 20);
  const close = engine.close.bind(engine);
  engine.close = async () => {
    clearInterval(timer);
    await close();
  };
  return engine;
}

function servedBy(engine: Engine, name: string): Promise<void> {
  return vi.waitFor(async () => expect((await engine.status()).model!.name).toBe(name), patience);
}

describe('an engine that follows the catalog', () => {
  it('serves the model that was taken into use last', async () => {
    const engine = await openFollowing();
    expect((await engine.status()).model!.name).toBe(gallery.encoder.name);
    await gallery.catalog.models.use(otherRow);
    await servedBy(engine, 'other');
    expect(await engine.status()).toMatchObject({
      state: 'ready',
      model: { fingerprint: other.fingerprint },
      indexed: { image: pictures, text: 0 },
    });
    await gallery.catalog.models.use(gallery.model);
    await servedBy(engine, gallery.encoder.name);
    expect((await engine.status()).indexed).toEqual({ image: pictures, text: pictures });
  });

  it('answers to the end what it was asked before, and refuses a query of the old model', async () => {
    const engine = await openFollowing();
    const { fingerprint } = gallery.encoder;
    const texts = Array.from({ length: 300 }, (_, n) => `text ${n}`);
    await gallery.catalog.models.use(otherRow);
    const answers: Promise<Float32Array[]>[] = [];
    while ((await engine.status()).model!.fingerprint === fingerprint) {
      const text = texts[answers.length % texts.length]!;
      const answer = engine.encodeTexts([text], fingerprint);
      answer.catch(() => undefined);
      answers.push(answer);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const settled = await Promise.allSettled(answers);
    const expected = await gallery.encoder.encodeTexts(texts);
    for (const [n, one] of settled.entries()) {
      if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(ModelChanged);
      else expect(one.value[0]![0]).toBeCloseTo(expected[n % texts.length]![0]!, 5);
    }
    expect(settled.some(({ status }) => status === 'fulfilled')).toBe(true);
    await expect(engine.encodeTexts(['a'], fingerprint)).rejects.toThrow(ModelChanged);
    const vector = expected[0]!;
    const query = { modality: 'image', vector, k: 1, model: fingerprint } as const;
    await expect(engine.search(query)).rejects.toThrow(/other serves now/);
  });

  it('never mixes: a picture finds itself at a cosine of one, whatever serves', async () => {
    const engine = await openFollowing();
    const ports = { engine, catalog: gallery.catalog };
    const models = new Set<string>();
    let switching = true;
    const switches = (async () => {
      for (const [row, name] of [
        [otherRow, 'other'],
        [gallery.model, 'tiny'],
        [otherRow, 'other'],
      ] as const) {
        await gallery.catalog.models.use(row);
        await servedBy(engine, name);
      }
      switching = false;
    })();
    for (let n = 1; switching; n = (n % pictures) + 1) {
      const image = pictureFile(gallery, n);
      const result = await search({ image, in: 'image', limit: 1 }, ports);
      models.add(result.model);
      expect(result.hits[0]).toMatchObject({ id: n });
      expect(result.hits[0]!.score).toBeCloseTo(1, 4);
    }
    await switches;
    expect([...models].sort()).toEqual(['other', 'tiny']);
  });

  it('goes on with the old model when the new one cannot be loaded, and says why', async () => {
    const engine = await openFollowing();
    const away = `${otherRow.folder}.away`;
    await rename(otherRow.folder, away);
    await gallery.catalog.models.use(otherRow);
    await expect
      .poll(async () => (await engine.status()).error, patience)
      .toMatch(/^other cannot take over from tiny: no model ".*other"/);
    await createTinyModel(otherRow.folder, 3);
    await gallery.catalog.models.use(otherRow);
    await expect
      .poll(async () => (await engine.status()).error, patience)
      .toMatch(/has changed since other was taken into use/);
    expect((await engine.status()).model!.name).toBe('tiny');
    expect(await engine.encodeTexts(['a'])).toHaveLength(1);

    await rename(otherRow.folder, `${away}.changed`);
    await rename(away, otherRow.folder);
    await gallery.catalog.models.use(otherRow);
    await servedBy(engine, 'other');
    expect((await engine.status()).error).toBeUndefined();
  });

  it('takes in what the other model has of pictures that come after the change', async () => {
    const engine = await openFollowing();
    await gallery.catalog.models.use(otherRow);
    await servedBy(engine, 'other');
    await addPictures(gallery, pictures + 1, 1);
    expect((await engine.status()).indexed.image).toBe(pictures);
    await embedByOther(pictures + 1, 1);
    await expect
      .poll(async () => (await engine.status()).indexed.image, patience)
      .toBe(pictures + 1);
  });
});

describe('an engine that is told which model to serve', () => {
  it('does not follow the catalog', async () => {
    await gallery.catalog.models.use(otherRow);
    const { home, modelFolder } = gallery;
    const engine = (await openEngine({ home, model: modelFolder })) as LocalEngine;
    engines.push(engine);
    await gallery.catalog.models.use(otherRow);
    await engine.poll();
    await engine.refresh();
    expect((await engine.status()).model!.name).toBe('tiny');
  });
});

describe('loadServingModel', () => {
  it('loads what was taken into use last', async () => {
    for (const row of [otherRow, gallery.model]) {
      await gallery.catalog.models.use(row);
      const encoder = await loadServingModel(gallery.catalog);
      expect(encoder.fingerprint).toBe(row.fingerprint);
      await encoder.dispose();
    }
  });
});
