// What the sources of captions say about a picture, and whether the catalog is in step with them.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readSideText } from '#captions';
import { captionsOf, inStep, readCaptionList } from '../../services/ingest/captions';
import { temporaryFolder, write } from './fixtures';

test('a picture has the text beside it and what the lists say, each with its source', async () => {
  const folder = temporaryFolder();
  write(folder, {
    'a.txt': '\n a cat,\n sleeping\n',
    'list.csv': 'image,caption,language\na.png,eine Katze,de\n',
  });
  const list = await readCaptionList(path.join(folder, 'list.csv'));
  const { texts: beside } = await readSideText(path.join(folder, 'a.txt'));
  expect(captionsOf({ path: path.join(folder, 'a.png'), lists: [list] }, beside)).toEqual([
    { source: path.join(folder, 'a.txt'), texts: [{ text: 'a cat, sleeping' }] },
    { source: path.join(folder, 'list.csv'), texts: [{ text: 'eine Katze', language: 'de' }] },
  ]);
  expect(captionsOf({ path: path.join(folder, 'b.png'), lists: [list] }, [])).toEqual([
    { source: path.join(folder, 'b.txt'), texts: [] },
    { source: path.join(folder, 'list.csv'), texts: [] },
  ]);
});

test('the text beside a picture may be UTF-16 or Latin-1, but has to be text', async () => {
  const folder = temporaryFolder();
  const read = (name: string, bytes: Buffer) => {
    writeFileSync(path.join(folder, name), bytes);
    return readSideText(path.join(folder, name));
  };
  const notepad = Buffer.from('\uFEFFrot und grün', 'utf16le');
  expect(await read('a.txt', notepad)).toEqual({ texts: [{ text: 'rot und grün' }] });
  const latin = await read('b.txt', Buffer.from('grün', 'latin1'));
  expect(latin).toEqual({ texts: [{ text: 'gr\uFFFDn' }] });
  expect(await read('c.txt', Buffer.from([0x7f, 0x45, 0, 1, 0x80]))).toEqual({
    texts: [],
    fault: 'not a text file',
  });
  expect(await read('d.txt', Buffer.alloc(0))).toEqual({ texts: [] });
  expect(await readSideText(path.join(folder, 'none.txt'))).toEqual({ texts: [] });
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
