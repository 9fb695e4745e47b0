// Lists of captions in the forms that people have them, and what is said of one that is wrong.

import path from 'node:path';
import { expect, test } from 'vitest';
import { captionsOf, inStep, readCaptionList } from '../../services/ingest/captions';
import { parseTable } from '../../services/ingest/csv';
import { temporaryFolder, write } from './fixtures';

/** Reads a list; gives [path relative to the list, texts]. */
async function read(name: string, content: string): Promise<[string, string[]][]> {
  const folder = temporaryFolder();
  write(folder, { [name]: content });
  const { captions } = await readCaptionList(path.join(folder, name));
  return [...captions].map(([file, texts]) => [
    path.relative(folder, file),
    texts.map(({ text }) => text),
  ]);
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
  ['list.jsonl', '{"image": "a.png", "caption": 3}', 'line 1: a caption must be a text'],
  ['list.csv', 'a,b\nx,y', /^the first line names no column for the picture: one of image, /],
  ['list.csv', 'image,b\nx,y', /^the first line names no column for the caption: one of caption, /],
  ['list.csv', 'image,text\nx,"y\n', 'a quote that is not closed, or text after one, on line 2'],
])('%s: %j is refused', async (name, content, reason) => {
  await expect(read(name, content)).rejects.toThrow(reason);
});

test('a table keeps quotes, separators and line breaks inside quoted cells', () => {
  expect(parseTable('a,b\n"x, ""y""","two\r\nlines"\n5" nail,\n,\n', ',')).toEqual([
    ['a', 'b'],
    ['x, "y"', 'two\r\nlines'],
    ['5" nail', ''],
  ]);
  expect(parseTable('', ',')).toEqual([]);
  expect(parseTable('a,', ',')).toEqual([['a', '']]);
});

test('a picture has the text beside it and what the lists say, each with its source', async () => {
  const folder = temporaryFolder();
  write(folder, {
    'a.txt': '\n a cat,\n sleeping\n',
    'list.csv': 'image,caption,language\na.png,eine Katze,de\n',
  });
  const list = await readCaptionList(path.join(folder, 'list.csv'));
  expect(
    await captionsOf({ path: path.join(folder, 'a.png'), hasText: true, lists: [list] }),
  ).toEqual([
    { source: path.join(folder, 'a.txt'), texts: [{ text: 'a cat, sleeping' }] },
    { source: path.join(folder, 'list.csv'), texts: [{ text: 'eine Katze', language: 'de' }] },
  ]);
  expect(
    await captionsOf({ path: path.join(folder, 'b.png'), hasText: true, lists: [list] }),
  ).toEqual([
    { source: path.join(folder, 'b.txt'), texts: [] },
    { source: path.join(folder, 'list.csv'), texts: [] },
  ]);
});

test('captions are in step when nothing is new and nothing is stale', () => {
  const said = [{ source: 's', texts: [{ text: 'one' }] }];
  expect(inStep(said, [{ source: 's', text: 'one' }])).toBe(true);
  expect(
    inStep(said, [
      { source: 'other', text: 'one' },
      { source: 'other', text: 'more' },
    ]),
  ).toBe(true);
  expect(inStep(said, [])).toBe(false);
  expect(
    inStep(said, [
      { source: 's', text: 'one' },
      { source: 's', text: 'stale' },
    ]),
  ).toBe(false);
});
