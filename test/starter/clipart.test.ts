// Openclipart: which files and which of their words are taken, and what is kept from training.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readClipArt } from '../../scripts/starter/clipart';
import { clipArtRows } from '../../scripts/starter/clipart-rows';
import type { Concept } from '../../scripts/starter/concepts';

const PUBLIC = 'http://web.resource.org/cc/PublicDomain';

function svg(title: string, keywords: string[], shape: string, licence = PUBLIC): string {
  const items = keywords.map((word) => `<rdf:li>${word}</rdf:li>`).join('');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><metadata><rdf:RDF ` +
    `xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:cc="http://web.resource.org/cc/" ` +
    `xmlns:dc="http://purl.org/dc/elements/1.1/"><cc:Work><dc:title>${title}</dc:title><dc:subject>` +
    `<rdf:Bag>${items}</rdf:Bag></dc:subject><dc:creator><cc:Agent><dc:title>Somebody</dc:title>` +
    `</cc:Agent></dc:creator><cc:license rdf:resource="${licence}"/></cc:Work></rdf:RDF></metadata>` +
    `${shape}</svg>`
  );
}

const circle = '<circle cx="20" cy="20" r="15" fill="red"/>';
const box = '<rect x="4" y="10" width="30" height="9" fill="blue"/>';
const bar = '<rect x="4" y="4" width="6" height="32" fill="green"/>';

let folder: string;
let source: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bifocal-clipart-'));
  source = path.join(folder, 'svg');
  const files: Record<string, string> = {
    'food/apple_bw.svg': svg('Apple (B and W)', ['food', 'hash(0x85)', '', 'fruit'], circle),
    'food/other.svg': svg(
      'Pear_2',
      ['food'],
      circle,
      'http://creativecommons.org/licenses/GPL/2.0/',
    ),
    'food/none.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'shapes/star.svg': svg('Star', ['star', 'point'], circle),
    'animals/1.svg': svg('Clipart by Nicu', ['Cats', 'pet'], bar),
    'animals/2.svg': svg('Clipart by Nicu', ['animal'], bar),
    'animals/3.svg': svg('Clipart by Nicu', ['zebra', 'animal'], box),
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(source, name)), { recursive: true });
    await writeFile(path.join(source, name), content);
  }
});
afterAll(() => rm(folder, { recursive: true }));

test('public domain only; titles and keywords without noise; nothing that says too little', async () => {
  expect(await readClipArt(source)).toEqual([
    { path: 'animals/1.svg', title: undefined, keywords: ['cats', 'pet'] },
    { path: 'animals/3.svg', title: undefined, keywords: ['zebra', 'animal'] },
    { path: 'food/apple_bw.svg', title: 'apple', keywords: ['food', 'fruit'] },
  ]);
});

describe('rows', () => {
  const concept = (name: string, heldOut: boolean): Concept => ({
    id: name,
    words: [
      { language: 'en', name, keywords: [] },
      { language: 'de', name: 'Katze', keywords: [] },
    ],
    subgroup: 'animal-mammal',
    heldOut,
  });

  test('titles are held out; what shows a held-out concept is in neither part', async () => {
    const known = [concept('cat', false), concept('zebra', true)];
    const { train, heldOut } = await clipArtRows(source, folder, known);
    expect(heldOut.map((row) => row.captions)).toEqual([['apple']]);
    expect(train.length).toBe(1);
    // "cats" is a known concept in the plural: its German name is true of the picture too.
    const captions = train[0]!.captions;
    expect(captions.slice(0, 3)).toEqual(['cats, pet', 'cats', 'pet']);
    expect(captions).toContain('Katze');
  });
});
