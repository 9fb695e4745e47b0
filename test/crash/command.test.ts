// `bifocal ingest` as a user starts it: killed with kill -9 at random moments, and with a model that comes
// into use while it runs. CRASH_ROUNDS=10 runs for longer.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { openCatalog, type Catalog } from '#catalog';
import type { IngestReport } from '#ingest';
import { loadDualEncoder } from '#model';
import { Random } from '#random';
import { createTinyModel } from '../engine/tiny-model';
import { temporaryFolder, write } from '../ingest/fixtures';
import { bifocal, entry, lastLine } from '../scripts/command';

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 2);
/** More than are stored together. */
const PICTURES = 64;
const SECONDS = 300 + 120 * ROUNDS;

/** A data folder with a tiny model that serves in it. */
async function home(): Promise<{ folder: string; catalog: Catalog }> {
  const folder = temporaryFolder();
  const model = path.join(folder, 'tiny');
  await createTinyModel(model);
  const catalog = await openCatalog(path.join(folder, 'bifocal.db'));
  onTestFinished(() => catalog.close());
  const encoder = await loadDualEncoder(model);
  await catalog.models.use(await catalog.models.register(encoder));
  await encoder.dispose();
  return { folder, catalog };
}

async function draw(folder: string, first: number): Promise<void> {
  for (let n = first; n < first + PICTURES; n++) {
    const background = { r: n & 255, g: n >> 8, b: 0 };
    const picture = sharp({ create: { width: 40, height: 30, channels: 3, background } });
    await picture.png().toFile(path.join(folder, `${n}.png`));
    write(folder, { [`${n}.txt`]: `number ${n}` });
  }
}

/** Starts an ingest, and waits until it has stored something of what is new. */
async function begun(folder: string, pictures: string, catalog: Catalog) {
  const { items } = await catalog.counts();
  const env = { ...process.env, BIFOCAL_HOME: folder };
  const child = spawn(process.execPath, [entry, 'ingest', pictures], { env, stdio: 'ignore' });
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  while (child.exitCode === null && (await catalog.counts()).items === items) await setTimeout(5);
  return { child, ended };
}

/** Stops it where it is in the middle of no write: others would wait for one until it goes on. */
async function stop(child: ChildProcess, folder: string): Promise<void> {
  const database = new Database(path.join(folder, 'bifocal.db'), { timeout: 0 });
  for (;;) {
    child.kill('SIGSTOP');
    try {
      database.exec('BEGIN IMMEDIATE; ROLLBACK');
      return void database.close();
    } catch (error) {
      if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
      child.kill('SIGCONT');
      await setTimeout(1);
    }
  }
}

test(
  'killed at any moment it leaves a sound library, and the next run completes it',
  async () => {
    const { folder, catalog } = await home();
    const pictures = temporaryFolder();
    const random = new Random(Number(process.env['CRASH_SEED'] ?? 3));
    for (let round = 0; round < ROUNDS; round++) {
      await draw(pictures, round * PICTURES);
      const { child, ended } = await begun(folder, pictures, catalog);
      await setTimeout(random.uniform() * 500);
      child.kill('SIGKILL');
      await ended;
      const checked = await bifocal(['doctor', '--check', '--deep', '--json'], { home: folder });
      expect(checked, `round ${round}`).toMatchObject({ code: 0 });
      expect(lastLine(checked)).toMatchObject({ faults: [], sound: true });
    }
    expect((await bifocal(['ingest', pictures], { home: folder })).code).toBe(0);
    const all = ROUNDS * PICTURES;
    expect(await catalog.counts()).toMatchObject({
      items: all,
      captions: all,
      files: { present: all, missing: 0, failed: 0 },
    });
    const serving = (await catalog.models.serving())!;
    expect(catalog.models.embedded(serving)).toEqual({ images: all, texts: all });
    const again = await bifocal(['ingest', pictures, '--json'], { home: folder });
    expect(lastLine(again)).toMatchObject({ added: 0, unchanged: all, failed: 0 });
  },
  1000 * SECONDS,
);

test(
  'what began with one model goes on with it, and then embeds by the one that serves now',
  async () => {
    const { folder, catalog } = await home();
    const later = path.join(folder, 'later');
    await createTinyModel(later, 2);
    const encoder = await loadDualEncoder(later);
    onTestFinished(() => encoder.dispose());
    const pictures = temporaryFolder();
    for (let part = 0; part < 4; part++) await draw(pictures, part * PICTURES);
    const before = (await catalog.models.serving())!;
    const { child, ended } = await begun(folder, pictures, catalog);
    await stop(child, folder);
    const { items } = await catalog.counts();
    const after = await catalog.models.register(encoder);
    await catalog.models.use(after);
    child.kill('SIGCONT');
    expect(items).toBeLessThan(4 * PICTURES);
    expect((await ended)[0]).toBe(0);
    const all = { images: 4 * PICTURES, texts: 4 * PICTURES };
    expect(catalog.models.embedded(before)).toEqual(all);
    expect(catalog.models.embedded(after)).toEqual(all);
  },
  1000 * SECONDS,
);

test(
  'an ingest waits for another one of a folder around its own, does nothing again, and outlives it',
  async () => {
    const { folder, catalog } = await home();
    const pictures = path.join(temporaryFolder(), 'pictures');
    mkdirSync(pictures);
    const all = 4 * PICTURES;
    for (let part = 0; part < 4; part++) await draw(pictures, part * PICTURES);
    const first = await begun(folder, path.dirname(pictures), catalog);
    await stop(first.child, folder);
    const { items } = await catalog.counts();
    const second = spawn(process.execPath, [entry, 'ingest', pictures, '--json'], {
      env: { ...process.env, BIFOCAL_HOME: folder },
    });
    const ended = once(second, 'exit');
    const stdout = text(second.stdout);
    const said = createInterface(second.stderr);
    for await (const line of said) if (line.includes('another ingest is at work in')) break;
    first.child.kill('SIGKILL');
    expect(await ended).toEqual([0, null]);
    expect(items).toBeLessThan(all);
    const report = lastLine<IngestReport>({ stdout: await stdout });
    expect(report).toMatchObject({ added: all - items, unchanged: items, failed: 0 });
  },
  1000 * SECONDS,
);
