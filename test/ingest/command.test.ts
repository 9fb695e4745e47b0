// `bifocal ingest` as a process: the report, the second run, and how it fails.

import { rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createTinyModel } from '../engine/tiny-model';
import { bifocal, lastLine } from '../scripts/command';
import { drawing, temporaryFolder, write } from './fixtures';

test('reports as promised, twice, and fails in one line', async () => {
  const home = temporaryFolder();
  const folder = temporaryFolder();
  const model = path.join(temporaryFolder(), 'tiny');
  await createTinyModel(model);
  await drawing(path.join(folder, 'a b Ü.png'), 1);
  await drawing(path.join(folder, 'c.webp'), 2);
  write(folder, { 'bad\n.png': 'text', 'list.csv': 'image,caption\nc.webp,said of c\n' });
  const run = (...args: string[]) =>
    bifocal(['ingest', ...args, '--model', model], { home, cwd: folder });

  const first = await run('.', '--captions', 'list.csv', '--collection', 'mine', '--json');
  expect(first.code).toBe(0);
  expect(lastLine(first)).toEqual({
    found: 3,
    added: 2,
    unchanged: 0,
    removed: 0,
    failed: 1,
    failures: [{ path: path.join(folder, 'bad\n.png'), reason: expect.any(String) }],
    seconds: expect.any(Number),
    imagesPerSecond: expect.any(Number),
  });
  expect(first.stderr).toMatch(/^left out .*bad\\n\.png: .+$/m);

  const second = await run('.');
  expect(second.code).toBe(0);
  expect(second.stdout).toMatch(/^3 pictures found: 0 added, 2 unchanged, 1 left out; 0 gone/);

  rmSync(path.join(folder, 'c.webp'));
  const pruned = await run('.', '--prune', '--json');
  expect(pruned.code).toBe(0);
  expect(lastLine(pruned)).toMatchObject({
    found: 2,
    removed: 1,
    pruned: { files: 1, items: 1, captions: 1 },
  });
  // What is forgotten comes back as new, not as known.
  await drawing(path.join(folder, 'c.webp'), 2);
  expect(lastLine(await run('.', '--json'))).toMatchObject({ found: 3, added: 1, unchanged: 1 });

  const missing = await run('elsewhere');
  expect(missing).toMatchObject({ code: 1, stdout: '' });
  expect(missing.stderr).toBe(
    `bifocal: ${path.join(folder, 'elsewhere')}: no such file, or a link to none\n`,
  );
  expect((await run()).code).toBe(2);
}, 240_000);
