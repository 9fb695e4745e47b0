// The sample gallery: complete, named readably, and quick to ask for again.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildGallery, type Gallery } from '../../scripts/gallery';
import { colourOf } from '../../scripts/starter/colours';
import queries from '../../scripts/starter/gallery-queries.json' with { type: 'json' };

let folder: string;
let first: Gallery;
let rows: { file_name: string; captions: string[] }[];

beforeAll(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'bifocal-gallery-')), 'gallery');
  first = await buildGallery(folder);
  const lines = await readFile(path.join(folder, 'metadata.jsonl'), 'utf8');
  rows = lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as (typeof rows)[number]);
});
afterAll(() => rm(path.dirname(folder), { recursive: true }));

test('every row has a picture of its own, and every picture a row', async () => {
  const pictures = (await readdir(folder)).filter((name) => name.endsWith('.webp')).sort();
  expect(rows.map((row) => row.file_name).sort()).toEqual(pictures);
  expect(pictures.length).toBe(first.pictures);
  expect(pictures.length).toBeGreaterThan(1500);
  // Some file systems take "A" and "a" for one name.
  expect(new Set(pictures.map((name) => name.toLowerCase())).size).toBe(pictures.length);
});

test('a cat is called a cat, and a red apple is red', async () => {
  expect(rows.find((row) => row.file_name === 'cat.webp')?.captions).toEqual(
    expect.arrayContaining(['cat', 'animal', 'pet']),
  );
  expect(rows.find((row) => row.file_name === 'red apple.webp')?.captions[0]).toBe('red apple');
  expect(await colourOf(await readFile(path.join(folder, 'red apple.webp')))).toBe('red');
});

test('skin tones and national flags are left out', () => {
  expect(rows.filter((row) => /skin tone|^flag(:| of)/.test(row.captions[0] ?? ''))).toEqual([]);
});

test('building again copies nothing; a picture that went missing comes back', async () => {
  expect(await buildGallery(folder)).toEqual({ ...first, copied: 0 });
  await rm(path.join(folder, 'cat.webp'));
  expect(await buildGallery(folder)).toEqual({ ...first, copied: 1 });
  expect(await readdir(folder)).toContain('cat.webp');
});

test('everyday queries in two languages, each with pictures of the gallery that a person would accept', () => {
  expect(Object.values(queries).map((of) => Object.keys(of).length)).toEqual([20, 10]);
  const pictures = new Set(rows.map((row) => row.file_name));
  for (const accepted of Object.values(queries).flatMap((of) => Object.values(of))) {
    expect(accepted.filter((name) => !pictures.has(`${name}.webp`))).toEqual([]);
  }
});
