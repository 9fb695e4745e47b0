// kill -9 of everything that writes, at once and at random moments, again and again: an ingest of a folder
// that changes, with pruning and saving of indexes, an ingest of a part of it, backups, restores.
// Each time the library is sound; in the end it is what the disk says. CRASH_ROUNDS=100 runs for longer.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openCatalog, restore } from '#catalog';
import { checkLibrary } from '#check';
import { ingest } from '#ingest';
import { loadDualEncoder } from '#model';
import { Random } from '#random';
import { temporaryFolder } from '../catalog/fixtures';
import { createTinyModel } from '../engine/tiny-model';

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 2);
/** Only a hang shall fail; a process takes long to start where many others do. */
const SECONDS = 900 + 120 * ROUNDS;

/** Starts one role of life.ts, and kills it while it does its second thing, at whatever moment of that. */
async function killed(home: string, role: string, seed: number) {
  const life = path.join(import.meta.dirname, 'life.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', life, home, role, String(seed)], {
    env: { ...process.env, BIFOCAL_HOME: home },
  });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended]);
  const began = performance.now();
  await Promise.race([once(child.stdout, 'data'), ended]);
  await setTimeout(new Random(seed).uniform() * (performance.now() - began));
  child.kill('SIGKILL');
  const [, signal] = (await ended) as [number, string];
  expect(signal, `${role}: ${errors}`).toBe('SIGKILL');
}

/** What is wrong with a library whose pictures may have changed since. */
async function faults(home: string) {
  const catalog = await openCatalog(path.join(home, 'bifocal.db'));
  try {
    const options = { catalog, home, repair: false, deep: true, onProgress: () => {} };
    const { faults: found } = await checkLibrary(options);
    return found.filter(({ fault }) => fault !== 'files that are gone from the disk');
  } finally {
    await catalog.close();
  }
}

function onDisk(folder: string) {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names
    .filter((name) => name.endsWith('.png'))
    .map((name) => path.join(folder, name));
  const hash = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
  return {
    files: files.length,
    items: new Set(files.map(hash)).size,
    captions: files.filter((file) => existsSync(file.replace('png', 'txt'))).length,
  };
}

test(
  'kill -9 at any moment leaves a sound library, and the next run completes it',
  async () => {
    const home = temporaryFolder();
    await createTinyModel(path.join(home, 'model'));
    const restored = path.join(home, 'restored');
    const first = Number(process.env['CRASH_SEED'] ?? 5);
    for (let round = 0; round < ROUNDS; round++) {
      const fourth = existsSync(path.join(home, 'backup.db')) ? ['bringBack'] : [];
      const roles = ['own', 'visit', 'keep', ...fourth];
      await Promise.all(roles.map((role, n) => killed(home, role, first + 10 * round + n)));
      expect(await faults(home), `round ${round}`).toEqual([]);
      if (existsSync(restored) && readdirSync(restored).includes('bifocal.db')) {
        expect(await faults(restored), `round ${round}, restored`).toEqual([]);
      }
    }

    const catalog = await openCatalog(path.join(home, 'bifocal.db'));
    const model = await loadDualEncoder(path.join(home, 'model'));
    const pictures = path.join(home, 'pictures');
    await ingest([pictures], { catalog, model });
    await catalog.prune(pictures);
    const disk = onDisk(pictures);
    expect(disk.items).toBeGreaterThan(0);
    expect(await catalog.counts()).toMatchObject({
      items: disk.items,
      files: { present: disk.files, missing: 0, failed: 0 },
      captions: disk.captions,
    });
    const row = await catalog.models.register(model);
    expect(catalog.models.embedded(row)).toEqual({ images: disk.items, texts: disk.captions });
    expect(await ingest([pictures], { catalog, model })).toMatchObject({ added: 0, removed: 0 });

    // What the killed ones have left beside is gone after the next of their kind.
    await catalog.backup(path.join(home, 'backup.db'), () => {});
    await catalog.close();
    await restore(path.join(home, 'backup.db'), path.join(restored, 'bifocal.db'));
    await model.dispose();
    expect(await faults(restored)).toEqual([]);
    const left = [home, restored].flatMap((folder) => readdirSync(folder));
    expect(left.filter((name) => name.includes('.tmp'))).toEqual([]);
  },
  1000 * SECONDS,
);
