// `bifocal ingest --watch` as a process, on a folder that changes in every way folders do.

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openCatalog } from '#catalog';
import { createTinyModel } from '../engine/tiny-model';
import { entry } from '../scripts/command';
import { drawing, temporaryFolder, visible, write } from './fixtures';

/** Asks again until the answer is the one that is waited for, or it has been long enough to see why not. */
async function becomes<T>(ask: () => Promise<T>, expected: T): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    if (JSON.stringify(await ask()) === JSON.stringify(expected)) return;
    await sleep(200);
  }
  expect(await ask()).toEqual(expected);
}

function watching(folder: string, home: string, model: string) {
  const args = [entry, 'ingest', folder, '--watch', '--json', '--model', model];
  const child = spawn(process.execPath, args, { env: { ...process.env, BIFOCAL_HOME: home } });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (said.stdout += data));
  child.stderr.on('data', (data: Buffer) => (said.stderr += data));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { said, end: () => (child.kill('SIGINT'), ended) };
}

test('follows additions, changes, moves, removals, captions, a folder that goes and comes back', async () => {
  const folder = temporaryFolder();
  const home = temporaryFolder();
  const model = path.join(temporaryFolder(), 'tiny');
  await createTinyModel(model);
  const at = (name: string) => path.join(folder, name);
  await drawing(at('first.png'), 1);
  const { said, end } = watching(folder, home, model);
  await becomes(() => Promise.resolve(said.stderr.includes('watching, Ctrl-C')), true);
  const catalog = await openCatalog(path.join(home, 'bifocal.db'));
  onTestFinished(() => catalog.close());
  const shown = () => visible(catalog);
  const idOf = async (name: string) =>
    (await catalog.page({ limit: 99 })).find((item) => item.path?.endsWith(name))?.id;

  // New, in folders of folders too; words; what is no picture; and one that is written slowly.
  await drawing(at('a/b/deep.png'), 2);
  await drawing(at('words.png'), 3);
  write(folder, { 'words.txt': 'three waves', 'notes.md': 'no picture' });
  const picture = readFileSync(await drawing(path.join(temporaryFolder(), 'slow.png'), 4));
  writeFileSync(at('slow.png'), picture.subarray(0, 300));
  await sleep(600);
  writeFileSync(at('slow.png'), picture);
  await becomes(shown, [
    ['deep.png', []],
    ['first.png', []],
    ['slow.png', []],
    ['words.png', ['three waves']],
  ]);

  // Moved with its folder it is the same item; changed it is another; removed it is missing.
  const deep = await idOf('deep.png');
  renameSync(at('a'), at('moved'));
  await drawing(at('first.png'), 5);
  rmSync(at('slow.png'));
  write(folder, { 'words.txt': 'four waves' });
  mkdirSync(at('empty'));
  await becomes(shown, [
    ['deep.png', []],
    ['first.png', []],
    ['words.png', ['four waves']],
  ]);
  await becomes(() => idOf('moved/b/deep.png'), deep);
  await becomes(async () => (await catalog.counts()).files.missing, 2);

  // A list of captions; then the disk goes, which removes nothing, and comes back with one more.
  write(folder, { 'metadata.jsonl': '{"file_name": "moved/b/deep.png", "text": "listed"}' });
  await becomes(async () => (await shown())[0], ['deep.png', ['listed']]);
  renameSync(folder, `${folder}-away`);
  await becomes(() => Promise.resolve(said.stderr.includes('has gone; waiting')), true);
  expect(await shown()).toHaveLength(3);
  await drawing(path.join(`${folder}-away`, 'late.png'), 6);
  renameSync(`${folder}-away`, folder);
  await becomes(
    async () => (await shown()).map(([name]) => name),
    ['deep.png', 'first.png', 'late.png', 'words.png'],
  );

  expect(await end()).toBe(0);
  expect(JSON.parse(said.stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({ removed: 2 });
}, 120_000);
