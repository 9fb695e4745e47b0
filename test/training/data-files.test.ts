// Data files, good and bad: one line says what is wrong, where, and what to do; splits by content.

import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '#random';
import { RUN_DEFAULTS } from '#training';
import { equalFiles, joinEqualPictures, statPictures } from '../../services/training/data/contents';
import { readData } from '../../services/training/data/data';
import { readPairs, readSource, splitPairs } from '../../services/training/data/pairs';
import { writeShapes } from './shapes';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'bifocal-data-'));
  await writeShapes(folder, 2);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const written = path.join(folder, name);
  await writeFile(written, content);
  return written;
}

const row = '{"image": "red bar 0.png", "caption": "é"}';
const pairs = [{ image: 'red bar 0.png', captions: ['é'] }];

describe('lists are read', () => {
  test.each([
    ['with a byte order mark', 'a.jsonl', `\uFEFF${row}\n`],
    ['with Windows line ends', 'a.jsonl', `${row}\r\n\r\n${row}\r\n`],
    ['as UTF-16', 'a.jsonl', Buffer.from(`\uFEFF${row}\n`, 'utf16le')],
    ['as one array', 'a.json', `[${row}, ${row}]`],
    ['as lines called .json', 'a.json', `${row}\n${row}`],
    ['as a table with Windows line ends', 'a.csv', '\uFEFFimage,caption\r\nred bar 0.png,é\r\n'],
    ['with one line of a megabyte', 'a.jsonl', row.replace('}', `, "note": "${'x'.repeat(1e6)}"}`)],
  ])('%s', async (_, name, content) => {
    const list = await file(name, content);
    expect(await readPairs(list)).toEqual(
      pairs.map((pair) => ({ ...pair, image: path.join(folder, pair.image) })),
    );
  });

  test('and counted: rows, repeated ones, those without captions', async () => {
    const list = await file(
      'c.jsonl',
      [row, row, row.replace('é', 'b'), row.replace('é', ' ')].join('\n'),
    );
    const source = await readSource(list);
    expect(source).toMatchObject({ rows: 4, repeated: 1, uncaptioned: ['line 4'] });
    expect(source.pairs[0]!.captions).toEqual(['é', 'b']);
    await expect(readPairs(list)).rejects.toThrow(`${list}: line 4 has no caption`);
    expect((await readSource(list, true)).uncaptioned).toEqual([]);
  });
});

describe('what is wrong is said in one line', () => {
  test.each([
    [
      'broken JSON',
      'b.jsonl',
      `${row}\n{"image": "a.png", "capt`,
      /b\.jsonl: line 2 is not JSON: /,
    ],
    [
      'other columns',
      'b.jsonl',
      '{"img": "a", "label": "x"}',
      /line 1 names no picture; expected image .*, it has img, label/,
    ],
    [
      'a table of other columns',
      'b.csv',
      'a;b\nx;y\n',
      /first line names no column for the picture/,
    ],
    [
      'Latin-1',
      'b.jsonl',
      Buffer.from(`${row.replace('é', 'e')}\n${row}`, 'latin1'),
      /b\.jsonl: line 2 is not UTF-8 .*save the file as UTF-8/,
    ],
    ['an empty file', 'b.jsonl', '', /b\.jsonl: the file is empty/],
    ['a file of blank lines', 'b.csv', 'image,caption\n\n', /holds no pictures with captions/],
    [
      'a picture for a list',
      'b.jsonl',
      Buffer.from([0x89, 80, 78, 71, 0, 0, 255]),
      /b\.jsonl: not a text file/,
    ],
    [
      'a caption that is a number',
      'b.jsonl',
      '{"image": "a.png", "caption": 3}',
      /line 1: a caption must be a text/,
    ],
    [
      'captions in captions',
      'b.jsonl',
      '{"image": "a.png", "captions": [["x"]]}',
      /line 1: a caption must be a text/,
    ],
    [
      'a picture that is a number',
      'b.jsonl',
      '{"image": 3, "caption": "x"}',
      /line 1: the picture must be a path, not 3/,
    ],
    [
      'an address',
      'b.jsonl',
      '{"image": "https://x.org/a.png", "caption": "x"}',
      /line 1: https:\/\/x.org\/a.png is an address; pictures must be files/,
    ],
    [
      'an entry that is none',
      'b.json',
      '[{"image": "a.png", "caption": "x"}, 7]',
      /entry 2 is not an object/,
    ],
    ['something else', 'b.json', '{"a": 1}', /line 1 names no picture|not COCO captions/],
  ])('%s', async (_, name, content, message) => {
    const list = await file(name, content);
    const error = await readPairs(list).catch((thrown: Error) => thrown);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('\n');
  });

  test('whatever happens to a list, an error is one line that names it', async () => {
    const random = new Random(11);
    const good = {
      'f.jsonl': Buffer.from(`${row}\n${row}\n`),
      'f.csv': Buffer.from('image,caption\n"red bar 0.png","é"\n'),
      'f.json': Buffer.from(
        '{"images": [{"id": 1, "file_name": "a"}], "annotations": [{"image_id": 1, "caption": "x"}]}',
      ),
    };
    for (const [name, whole] of Object.entries(good)) {
      for (let trial = 0; trial < 150; trial++) {
        const bytes = Buffer.from(whole.subarray(0, 1 + random.below(whole.length)));
        for (let hit = random.below(4); hit > 0; hit--)
          bytes[random.below(bytes.length)] = random.below(256);
        const list = await file(name, bytes);
        const result = await readPairs(list).catch((thrown: Error) => thrown);
        if (!(result instanceof Error)) continue;
        expect(result.message.startsWith(list)).toBe(true);
        expect(result.message).not.toMatch(/\n|undefined|\[object/);
      }
    }
  });

  test('missing pictures are counted, the first ones named; a folder is no picture', async () => {
    await mkdir(path.join(folder, 'sub.png'), { recursive: true });
    const rows = ['no1.png', 'sub.png', 'no2.png', 'red bar 0.png', 'no3.png', 'no4.png'].map(
      (image) => JSON.stringify({ image, caption: 'x' }),
    );
    const data = await file('missing.jsonl', rows.join('\n'));
    const error = await readData({ ...RUN_DEFAULTS, data }).catch((thrown: Error) => thrown);
    expect((error as Error).message).toMatch(
      /missing\.jsonl: 5 of 6 pictures are missing: \S*no1\.png \(no such file\), \S*sub\.png \(a folder\), \S*no2\.png \(no such file\), …; correct their paths/,
    );
  });
});

describe('pictures of equal content', () => {
  test('are found by reading only files of equal size, and joined with all captions', async () => {
    const copies = path.join(folder, 'copies');
    await mkdir(copies, { recursive: true });
    const [a, copy, b] = ['red bar 0.png', 'copies/same.png', 'red bar 1.png'].map((name) =>
      path.join(folder, name),
    );
    await copyFile(a!, copy!);
    const images = [b!, a!, copy!];
    expect(await equalFiles(images, (await statPictures(images)).sizes)).toEqual([[a, copy]]);
    const set = images.map((image, index) => ({ image, captions: ['all', `caption ${index}`] }));
    expect(await joinEqualPictures(set, await statPictures(images))).toEqual([
      { image: b, captions: ['all', 'caption 0'] },
      { image: a, captions: ['all', 'caption 1', 'caption 2'] },
    ]);
  });

  test('land on the same side of every split', async () => {
    const rows: string[] = [];
    await mkdir(path.join(folder, 'twice'), { recursive: true });
    for (let index = 0; index < 24; index++) {
      const colour = ['red', 'green', 'blue', 'black'][index % 4];
      const shape = ['circle', 'square', 'bar'][index % 3];
      const name = `${colour} ${shape} ${index % 2}.png`;
      await copyFile(path.join(folder, name), path.join(folder, 'twice', `${index}.png`));
      rows.push(JSON.stringify({ image: name, caption: `first ${index}` }));
      rows.push(JSON.stringify({ image: `twice/${index}.png`, caption: `second ${index}` }));
    }
    const data = await file('twice.jsonl', rows.join('\n'));
    for (const seed of [0, 1, 2]) {
      const settings = { ...RUN_DEFAULTS, data, holdout: 0.4, batchSize: 2, seed };
      const { train, validation } = await readData(settings);
      const said = new Set(train.flatMap(({ captions }) => captions));
      for (const { captions } of validation) {
        const numbers = new Set(captions.map((caption) => caption.split(' ')[1]));
        // Both captions of a picture that lies under two names are on the same side.
        expect(numbers.size * 2).toBe(captions.length);
        expect(captions.some((caption) => said.has(caption))).toBe(false);
      }
      expect(await readData(settings)).toEqual({ train, validation, test: [], retention: [] });
    }
  });
});

test('splitting is by picture, complete and the same for a seed', () => {
  const all = Array.from({ length: 50 }, (_, i) => ({ image: `${i}`, captions: ['x'] }));
  const { train, validation, test: tested } = splitPairs(all, { validation: 0.2, test: 0.1 }, 7);
  expect(validation).toHaveLength(10);
  expect(tested).toHaveLength(5);
  const images = [...train, ...validation, ...tested].map(({ image }) => image);
  expect(new Set(images).size).toBe(50);
  const without = splitPairs(all, { validation: 0.2, test: 0 }, 7);
  expect(without).toEqual({ train: [...tested, ...train], validation, test: [] });
});
