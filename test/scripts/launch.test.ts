// Programs of services/ start as set-up has compiled them, and as they are where it has not.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
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
    [path.join(root, 'services/launch.mjs'), 'engine/child.ts', '{'],
    { env: { ...process.env, BIFOCAL_COMPILED: compiled }, encoding: 'utf8' },
  );
  return stderr.match(/services\/\S+?:\d+:\d+/g) ?? [];
}

it('starts either, and an error names its place in the source', () => {
  const asItIs = places('');
  const compiled = places(folder);
  expect(asItIs[0]).toMatch('services/engine/protocol.ts:');
  expect(compiled.slice(0, -1)).toEqual(asItIs.slice(0, -1));
  // The launcher's own line: each came by another way.
  expect(compiled.at(-1)).not.toBe(asItIs.at(-1));
});

it('compiles all that is started, once', async () => {
  const started = (await readdir(path.join(root, 'services'), { recursive: true })).filter((file) =>
    /(^|\/)(child|.*-(thread|process))\.ts$/.test(file),
  );
  expect(started).toContain('catalog/words-thread.ts');
  const missing = started.filter(
    (file) => !existsSync(path.join(folder, file.replace(/ts$/, 'js'))),
  );
  expect(missing).toEqual([]);
  expect(await compile(root, path.basename(folder).slice('programs-'.length))).toBe(folder);
});
