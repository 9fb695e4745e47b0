// Programs start as set-up has compiled them, and as they are where it has not.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compile } from '../../scripts/compile.mjs';
import { root } from '../../scripts/setup.mjs';

let folder: string;
beforeAll(async () => {
  folder = await compile(root, `test${process.pid}`);
});
afterAll(() => rm(folder, { recursive: true }));

/** Where it fails on options that are none, from the inside out. */
function places(compiled: string): string[] {
  const { stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'services/launch.mjs'), 'services/engine/child.ts', '{'],
    { env: { ...process.env, BIFOCAL_COMPILED: compiled }, encoding: 'utf8' },
  );
  return stderr.match(/services\/\S+?:\d+:\d+/g) ?? [];
}

it('starts either, and an error names its place in the source', async () => {
  const asItIs = places('');
  expect(asItIs[0]).toMatch('services/engine/protocol.ts:');
  expect(places(folder)).toEqual(asItIs);
  // And it was the compiled one: without its map the error is elsewhere.
  const map = path.join(folder, 'services/engine/child.js.map');
  await rename(map, `${map}.away`);
  expect(places(folder)).not.toEqual(asItIs);
});

it('compiles all that is started, once', async () => {
  const sources = await readdir(path.join(root, 'services'), { recursive: true });
  const started = sources.filter((file) => /(^|\/)(child|.*-(thread|process))\.ts$/.test(file));
  expect(started).toContain('catalog/words-thread.ts');
  const missing = started.filter(
    (file) => !existsSync(path.join(folder, 'services', file.replace(/ts$/, 'js'))),
  );
  expect(missing).toEqual([]);
  expect(await compile(root, path.basename(folder).slice('programs-'.length))).toBe(folder);
});
