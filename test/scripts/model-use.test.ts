// Another model for a library that is in use: killed again and again, taken into use while a server
// answers, rolled back, compared, dropped. What is killed is a process; the rest runs in this one.

import { spawn } from 'node:child_process';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startEngine, type Engine } from '#engine';
import { Random } from '#random';
import { search } from '#search';
import { addPictures, makeGallery, pictureFile, type Gallery } from '../engine/gallery';
import { createTinyModel } from '../engine/tiny-model';
import { main } from '../../scripts/main';
import { entry, lastLine, type Ended } from './command';

// Only a hang shall fail; a process takes seconds to start where many others do.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });
const patience = { timeout: 300_000, interval: 50 };

const pictures = 160;
const kills = 3;
/** What is embedded in the end: one more comes in on the way, another goes. */
const all = { images: pictures + 1, texts: pictures + 1 };

let gallery: Gallery;
/** The folder of the other model, where only the catalog knows it by its name. */
let other: string;
let server: Engine;

beforeAll(async () => {
  gallery = await makeGallery();
  vi.stubEnv('BIFOCAL_HOME', gallery.home);
  await addPictures(gallery, 1, pictures);
  await gallery.catalog.models.use(gallery.model);
  other = path.join(gallery.home, 'elsewhere', 'other');
  await createTinyModel(other, 2);
  server = startEngine({ home: gallery.home });
  await vi.waitFor(async () => expect((await server.status()).state).toBe('ready'), patience);
});
afterAll(async () => {
  await server.close();
  await gallery.remove();
  vi.unstubAllEnvs();
});

/** `bifocal model …` in this process. */
async function model(...args: string[]): Promise<Ended> {
  const printed = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      printed[stream] += String(text);
      return true;
    }),
  );
  try {
    return { code: await main(['model', ...args]), ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** Runs `model use other` and kills it once `when` holds. */
async function killedOnce(when: () => Promise<boolean>): Promise<void> {
  const child = spawn(process.execPath, [entry, 'model', 'use', other], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  while (child.exitCode === null && !(await when())) await setTimeout(10);
  child.kill('SIGKILL');
  await ended;
}

async function embeddedByOther(): Promise<number> {
  const row = (await gallery.catalog.models.list()).find(({ name }) => name === 'other');
  return row === undefined ? 0 : gallery.catalog.models.embedded(row).images;
}

/** A picture finds itself at a cosine of one only if query and index are of the same model. */
async function checkServer(): Promise<string> {
  const image = pictureFile(gallery, 7);
  const result = await search(
    { image, in: 'image', limit: 1 },
    { engine: server, catalog: gallery.catalog },
  );
  expect(result.hits[0]!.id).toBe(7);
  expect(result.hits[0]!.score).toBeCloseTo(1, 4);
  return result.model;
}

const servedBy = (name: string) =>
  vi.waitFor(async () => expect((await server.status()).model!.name).toBe(name), patience);

describe('bifocal model use', () => {
  it('can be killed at any moment; the old model serves until the new one has everything', async () => {
    const random = new Random(1);
    for (let kill = 0; kill < kills; kill++) {
      const before = await embeddedByOther();
      const enough = before + 1 + random.below(pictures / kills);
      await killedOnce(async () => (await embeddedByOther()) >= enough);
      expect(await embeddedByOther()).toBeGreaterThanOrEqual(before);
      expect((await gallery.catalog.models.serving())!.name).toBe('tiny');
      expect(await checkServer()).toBe('tiny');
    }
  });

  it('goes on where it was, and lets the server switch by itself', async () => {
    expect(await embeddedByOther()).toBeGreaterThan(0);
    await addPictures(gallery, pictures + 1, 2);
    await rm(pictureFile(gallery, pictures + 2));
    const ended = await model('use', 'other', '--json');
    expect(ended.code).toBe(0);
    expect(lastLine(ended)).toMatchObject({
      model: 'other',
      previous: 'tiny',
      serves: true,
      embedded: all,
      failures: [
        {
          path: pictureFile(gallery, pictures + 2),
          reason: expect.stringMatching(/no such file/) as string,
        },
      ],
    });
    await servedBy('other');
    expect(await checkServer()).toBe('other');
    const indexed = async () => (await server.status()).indexed;
    await expect.poll(indexed).toEqual({ image: all.images, text: all.texts });
  });

  it('rolls back without embedding anything', async () => {
    const ended = await model('use', 'tiny', '--json');
    expect(lastLine(ended)).toMatchObject({ previous: 'other', serves: true, failures: [] });
    await servedBy('tiny');
    expect(await checkServer()).toBe('tiny');
  });
});

describe('bifocal model diff', () => {
  it('counts what moved, and how often each model is right', async () => {
    const ended = await model('diff', 'tiny', 'tiny', '--limit', '20', '--json');
    expect(lastLine(ended)).toMatchObject({ queries: 20, overlap: 1, recall: { queries: 20 } });
    const file = path.join(gallery.home, 'queries.jsonl');
    const asked = { query: 'picture 5', expected: 'pictures/5.png' };
    await writeFile(file, `${JSON.stringify(asked)}\nanything\n`);
    const compared = lastLine<{ changes: { overlap: number; new: string[] }[] }>(
      await model('diff', 'tiny', 'other', '--queries', file, '--json'),
    );
    expect(compared).toMatchObject({
      models: ['tiny', 'other'],
      queries: 2,
      recall: { queries: 1 },
    });
    for (const { overlap, new: fresh } of compared.changes) expect(overlap + fresh.length).toBe(10);
  });
});

describe('bifocal model drop', () => {
  it('refuses the model that serves, and asks before it drops another', async () => {
    expect(await model('drop', 'tiny', '--yes')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/tiny serves/) as string,
    });
    expect(await model('drop', 'other')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/say so with --yes/) as string,
    });
    const ended = await model('drop', 'other', '--yes', '--json');
    expect(lastLine(ended)).toMatchObject({ dropped: all });
    expect(await readdir(path.join(gallery.home, 'index'))).toEqual([gallery.model.fingerprint]);
    expect(await checkServer()).toBe('tiny');
  });
});
