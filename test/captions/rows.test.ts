// Lists of captions in the forms that people have them, and what is said of one that is wrong.

import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readCaptionRows } from '#captions';
import { temporaryFolder, write } from '../ingest/fixtures';

/** Reads a list; gives [path relative to the list, texts]. */
async function read(name: string, content: string): Promise<[string, string[]][]> {
  const folder = temporaryFolder();
  write(folder, { [name]: content });
  const rows = await readCaptionRows(path.join(folder, name));
  const texts = new Map<string, string[]>();
  for (const { image, texts: said } of rows) {
    const key = path.relative(folder, image);
    texts.set(key, [...(texts.get(key) ?? []), ...said.map(({ text }) => text)]);
  }
  return [...texts];
}

test.each([
  [
    'list.jsonl',
    '{"image": "a.png", "caption": "one"}\n\n{"image": "b/c.png", "captions": ["two", "three"]}\n',
  ],
  [
    'list.jsonl',
    '{"file_name": "a.png", "text": "one"}\n{"image": "b/c.png", "captions": ["two", " three "]}',
  ],
  ['list.csv', '\uFEFFfilepath,title\r\na.png,one\r\nb/c.png,two\r\nb/c.png,three\r\n'],
  ['list.csv', 'id,caption,image\n1,"one","a.png"\n2,two,b/c.png\n3,"three",./b/c.png'],
  [
    'list.json',
    JSON.stringify({
      images: [
        { id: 1, file_name: 'a.png' },
        { id: 2, file_name: 'b/c.png' },
      ],
      annotations: [
        { image_id: 1, caption: 'one' },
        { image_id: 2, caption: 'two' },
        { image_id: 2, caption: 'three' },
      ],
    }),
  ],
  ['list.tsv', 'file\tcaption\tnote\na.png\tone\t\nb/c.png\ttwo\tx\n\nb/c.png\tthree\t'],
])('%s: %j', async (name, content) => {
  expect(await read(name, content)).toEqual([
    ['a.png', ['one']],
    ['b/c.png', ['two', 'three']],
  ]);
});

test.each([
  ['list.jsonl', '{"image": "a.png"}\n{"image', /^line 2 is not JSON/],
  ['list.jsonl', '[1]\n{"caption": "x"}', /^line 1 names no picture; expected image/],
  ['list.jsonl', '{"image": 5, "caption": "x"}', /^line 1: the picture must be a path, not 5/],
  ['list.json', '{"images": []}', /^not COCO captions: annotations: /],
  [
    'list.json',
    '{"images": [], "annotations": [{"image_id": 7, "caption": "x"}]}',
    /^annotation 1 is of image 7, which is not listed/,
  ],
  ['list.jsonl', '{"image": "a.png", "caption": 3}', 'line 1: a caption must be a text'],
  ['list.csv', 'a,b\nx,y', /^the first line names no column for the picture: one of image, /],
  ['list.csv', 'image,b\nx,y', /^the first line names no column for the caption: one of caption, /],
  ['list.csv', 'image,text\nx,"y\n', /quote/i],
])('%s: %j is refused', async (name, content, reason) => {
  await expect(read(name, content)).rejects.toThrow(reason);
});

test('rows say where they stand, also after a cell with line breaks', async () => {
  const folder = temporaryFolder();
  write(folder, { 'list.csv': 'image,text\na.png,"two\nlines"\nb.png,one\n' });
  const rows = await readCaptionRows(path.join(folder, 'list.csv'));
  expect(rows.map(({ where }) => where)).toEqual(['line 3', 'line 4']);
  expect(rows[0]!.texts).toEqual([{ text: 'two lines', language: undefined }]);
});

test('what only has the name of a list is not waited for, nor read for ever', async () => {
  const folder = temporaryFolder();
  execFileSync('mkfifo', [path.join(folder, 'metadata.jsonl')]);
  symlinkSync('/dev/zero', path.join(folder, 'metadata.csv'));
  for (const name of ['metadata.jsonl', 'metadata.csv']) {
    await expect(readCaptionRows(path.join(folder, name))).rejects.toThrow(/^not a file$/);
  }
  await expect(readCaptionRows(folder)).rejects.toThrow('a folder, not a file');
});
