// Walking: what counts as a picture, links, and what cannot be read.

import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { reasonOf } from '../../services/ingest/reasons';
import { countFound, walk } from '../../services/ingest/walk';
import { drawing, temporaryFolder, write } from './fixtures';

/** What a walk finds, in order: relative paths, and failures as 'path: reason'. */
async function found(folder: string, roots = [folder]): Promise<string[]> {
  const lines: string[] = [];
  for await (const one of walk({ roots, lists: [] })) {
    const name = path.relative(folder, one.path);
    lines.push('reason' in one ? `${name}: ${one.reason}` : name);
  }
  return lines;
}

test('pictures are known by name, else by their first bytes; the hidden is skipped', async () => {
  const folder = temporaryFolder();
  await drawing(path.join(folder, 'a.png'));
  copyFileSync(path.join(folder, 'a.png'), path.join(folder, 'download'));
  copyFileSync(path.join(folder, 'a.png'), path.join(folder, 'B.JPG'));
  copyFileSync(path.join(folder, 'a.png'), path.join(folder, '.hidden.png'));
  write(folder, {
    '.git/x.png': 'x',
    'notes.txt': 'text',
    README: 'text',
    'sub/claims.png': 'text',
    'sub/a name\nof two lines ÄÖ 猫.gif': 'GIF89a',
  });
  expect(await found(folder)).toEqual([
    'B.JPG',
    'a.png',
    'download',
    'sub/a name\nof two lines ÄÖ 猫.gif',
    'sub/claims.png',
  ]);
  expect(await countFound({ roots: [folder], lists: [] }).total).toBe(5);
  const counting = countFound({ roots: [folder], lists: [] });
  counting.stop();
  expect(await counting.total).toBeUndefined();
});

test('links are followed, loops are told, no folder is entered twice', async () => {
  const folder = temporaryFolder();
  const elsewhere = temporaryFolder();
  await drawing(path.join(folder, 'real/a.png'));
  await drawing(path.join(elsewhere, 'b.png'));
  const link = (target: string, name: string) => symlinkSync(target, path.join(folder, name));
  link('real', 'again');
  link(elsewhere, 'away');
  link('..', 'real/up');
  link('self.png', 'self.png');
  link('nowhere', 'dangling.webp');
  link('real/a.png', 'link.png');
  expect(await found(folder)).toEqual([
    'dangling.webp: no such file, or a link to none',
    'link.png',
    'self.png: a link that leads back to itself',
    'real/a.png',
    'away/b.png',
    'real/up: a link that leads back to a folder it lies in',
  ]);
});

test('a file named as a root is taken whatever its name, a pipe never', async () => {
  const folder = temporaryFolder();
  write(folder, { 'odd.bin': 'text' });
  execFileSync('mkfifo', [path.join(folder, 'pipe.png')]);
  expect(await found(folder, [path.join(folder, 'odd.bin'), folder])).toEqual([
    'odd.bin',
    'pipe.png: not a file',
  ]);
});

test('a name that is not UTF-8 gets a reason, and is not taken for another', async () => {
  const folder = temporaryFolder();
  const name = Buffer.concat([
    Buffer.from(`${folder}/caf`),
    Buffer.from([0xe9]),
    Buffer.from('.png'),
  ]);
  writeFileSync(name, 'x');
  await drawing(path.join(folder, 'caf\uFFFD.png'));
  expect(await found(folder)).toEqual([
    'caf\uFFFD.png: its name is not valid UTF-8; rename it',
    'caf\uFFFD.png',
  ]);
});

test('videos are told, a very deep tree is walked', async () => {
  const folder = temporaryFolder();
  write(folder, { 'a.mp4': 'x', 'b.MOV': 'x' });
  const deep = Array.from({ length: 600 }, () => 'd').join('/');
  await drawing(path.join(folder, deep, 'a.png'));
  expect(await found(folder)).toEqual([
    'a.mp4: a video; only pictures are taken in',
    'b.MOV: a video; only pictures are taken in',
    `${deep}/a.png`,
  ]);
});

test('of changed paths, lists from above hold, and what is no picture is passed over', async () => {
  const folder = temporaryFolder();
  await drawing(path.join(folder, 'sub/a.png'));
  write(folder, {
    'metadata.jsonl': '{"file_name": "sub/a.png", "text": "from above"}',
    'sub/b.bin': 'x',
  });
  const roots = ['sub/a.png', 'sub/b.bin'].map((name) => path.join(folder, name));
  const all = [];
  for await (const one of walk({ roots, lists: [], within: [folder] })) all.push(one);
  expect(all).toHaveLength(1);
  expect(all).toMatchObject([{ path: roots[0], lists: [{ file: `${folder}/metadata.jsonl` }] }]);
});

// The superuser may read everything.
test.skipIf(process.getuid?.() === 0)('a folder without permission gets a reason', async () => {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'closed'));
  chmodSync(path.join(folder, 'closed'), 0);
  expect(await found(folder)).toEqual(['closed: no permission to read it']);
});

test('reasons are one line', () => {
  const denied = Object.assign(new Error('EACCES: …'), { code: 'EACCES' });
  expect(reasonOf(denied, '/a')).toBe('no permission to read it');
  expect(reasonOf(new Error('two\n lines '), '/a')).toBe('two lines');
});

test('lists in a folder go with the pictures in it and below, broken ones are told', async () => {
  const folder = temporaryFolder();
  await drawing(path.join(folder, 'a.png'));
  await drawing(path.join(folder, 'sub/b.png'));
  write(folder, {
    'metadata.jsonl': '{"file_name": "sub/b.png", "text": "from above"}',
    'sub/metadata.jsonl': '{"file_name": "b.png", "text": "from beside"}',
    'broken/metadata.csv': 'nothing\n',
  });
  const texts: Record<string, string[]> = {};
  const failures: string[] = [];
  for await (const one of walk({ roots: [folder], lists: [] })) {
    if ('reason' in one) failures.push(path.relative(folder, one.path));
    else {
      const said = one.lists.flatMap(({ captions }) => captions.get(one.path) ?? []);
      texts[path.basename(one.path)] = said.map(({ text }) => text);
    }
  }
  expect(texts).toEqual({ 'a.png': [], 'b.png': ['from above', 'from beside'] });
  expect(failures).toEqual(['broken/metadata.csv']);
});
