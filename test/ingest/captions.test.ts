// What the sources of captions say about a picture, and whether the catalog is in step with them.

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
  const beside = await readSideText(path.join(folder, 'a.txt'));
  expect(captionsOf({ path: path.join(folder, 'a.png'), lists: [list] }, beside)).toEqual([
    { source: path.join(folder, 'a.txt'), texts: [{ text: 'a cat, sleeping' }] },
    { source: path.join(folder, 'list.csv'), texts: [{ text: 'eine Katze', language: 'de' }] },
  ]);
  expect(captionsOf({ path: path.join(folder, 'b.png'), lists: [list] }, [])).toEqual([
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
