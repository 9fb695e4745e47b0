// Full-text search against plain JavaScript over the same texts, and what people write into a field.

import { expect, test } from 'vitest';
import { openWordFinder, UnknownCollection, type Catalog } from '#catalog';
import { Random } from '#random';
import { picture, storeAll, temporaryCatalog } from './fixtures';

const WORDS = ['dog', 'dogs', 'red', 'reddish', 'apple', 'on', 'beach', 'Straße', 'été'];

/** The paths, or captions, that a query finds, best first. */
async function found(catalog: Catalog, words: string, options: object = {}): Promise<string[]> {
  const matches = catalog.fullText(words, { limit: 100, ...options });
  const items = await catalog.items(matches.map(({ itemId }) => itemId));
  const captions = await catalog.captions(matches.flatMap(({ captionId }) => captionId ?? []));
  return matches.map(({ itemId, captionId }) =>
    captionId === null ? items.get(itemId)!.path! : captions.get(captionId)!.text,
  );
}

async function captioned(texts: string[]): Promise<Catalog> {
  const { catalog, model } = await temporaryCatalog();
  const pictures = texts.map((text, n) => picture(`/p/${n}.png`, { texts: [text], seed: n }));
  await storeAll(catalog, model, pictures);
  return catalog;
}

test('what has all the words, whatever was stored, replaced and forgotten before', async () => {
  const { catalog, model } = await temporaryCatalog();
  const random = new Random(5);
  const draw = (below: number) => Math.floor(random.uniform() * below);
  const text = () => Array.from({ length: 1 + draw(4) }, () => WORDS[draw(9)]!).join(' ');
  /** Captions by path. */
  const known = new Map<string, string[]>();
  for (let round = 0; round < 12; round++) {
    const paths = Array.from({ length: 6 }, () => `/p/${WORDS[draw(9)]!}_${draw(20)}.png`);
    const changed = [...new Set(paths)].map((path) => {
      known.set(path, [...new Set(Array.from({ length: draw(3) }, text))]);
      return picture(path, { texts: known.get(path)!, sha256: `${path} ${draw(2)}` });
    });
    await storeAll(catalog, model, changed);
    if (round % 3 !== 2) continue;
    const [gone] = known.keys();
    for await (const page of catalog.files.under(gone!)) {
      await catalog.files.markMissing(page.map(({ id }) => id));
    }
    if (round % 2 === 0) await catalog.prune('/p');
    known.delete(gone!);
  }
  const plain = (each: string) =>
    each
      .toLowerCase()
      .replaceAll('é', 'e')
      .split(/[^a-zß]+/);
  for (const first of WORDS) {
    for (const last of ['', ...WORDS]) {
      const whole = last === '' ? [] : plain(first);
      const [beginning] = plain(last === '' ? first : last);
      const matches = (each: string) =>
        whole.every((word) => plain(each).includes(word)) &&
        plain(each).some((word) => word.startsWith(beginning!));
      const expected = [...known].filter(([path, texts]) => [path, ...texts].some(matches));
      const items = await catalog.items(
        catalog.fullText(`${first} ${last}`.trim(), { limit: 100 }).map(({ itemId }) => itemId),
      );
      expect([...items.values()].map(({ path }) => path).sort(), `${first} ${last}`).toEqual(
        expected.map(([path]) => path).sort(),
      );
    }
  }
});

test('a picture comes once, by its best text, and says which it was', async () => {
  const { catalog, model } = await temporaryCatalog();
  const pictures = [
    picture('/p/harbour-at-night.png', { texts: ['boats'] }),
    picture('/p/1.png', {
      texts: ['a harbour seen from far above with many other things', 'harbour'],
    }),
  ];
  await storeAll(catalog, model, pictures);
  const matches = catalog.fullText('harbour', { limit: 10 });
  expect(matches).toEqual([
    { itemId: 2, captionId: 3, field: 'caption' },
    { itemId: 1, captionId: null, field: 'name' },
  ]);
  expect(catalog.fullText('harbour', { limit: 1 })).toEqual(matches.slice(0, 1));
  expect(catalog.fullText('p', { limit: 1 })).toEqual([]);
});

test('the shortest text comes first, a file by its name alone', async () => {
  const { catalog, model } = await temporaryCatalog();
  const folder = '/a/folder/whose/path/is/longer/than/any/caption/here';
  await storeAll(catalog, model, [
    picture('/p/1.png', { texts: ['a dog and a cat'] }),
    picture(`${folder}/my-dog.png`),
    picture('/p/2.png', { texts: ['dog'] }),
    picture('/p/3.png', { texts: ['the dog on the beach, the dog in the sea'] }),
  ]);
  expect(await found(catalog, 'dog')).toEqual([
    'dog',
    `${folder}/my-dog.png`,
    'a dog and a cat',
    'the dog on the beach, the dog in the sea',
  ]);
});

test('words of scripts without spaces are found inside a text, and at every edge of their ranges', async () => {
  const edges = [...'ก໿က႙ក៹々〇ぁヿㇰㇿ㐀䶵一鿋豈舘ｦﾝ𠀀𪛖'];
  const catalog = await captioned([
    '可爱的小猫在睡觉',
    '赤いのりもの2台',
    'แมวนอนหลับ',
    ...edges.map((character) => `左${character}右`),
  ]);
  expect(await found(catalog, '小猫')).toEqual(['可爱的小猫在睡觉']);
  expect(await found(catalog, '猫小')).toEqual([]);
  expect(await found(catalog, '猫')).toEqual(['可爱的小猫在睡觉']);
  expect(await found(catalog, 'のりもの')).toEqual(['赤いのりもの2台']);
  expect(await found(catalog, '2台')).toEqual(['赤いのりもの2台']);
  expect(await found(catalog, 'นอน')).toEqual(['แมวนอนหลับ']);
  for (const character of edges) {
    expect(await found(catalog, `${character}右`), character).toEqual([`左${character}右`]);
  }
});

test('phrases, accents, and what does not come', async () => {
  const catalog = await captioned(['red apple, green pear', 'green apple, red pear', 'Café CREME']);
  expect(await found(catalog, '"red apple"')).toEqual(['red apple, green pear']);
  expect(await found(catalog, '“red apple” gr')).toEqual(['red apple, green pear']);
  expect(await found(catalog, '"red app"')).toEqual([]);
  expect(await found(catalog, 'apple', { not: ['"red apple"', ''] })).toEqual([
    'green apple, red pear',
  ]);
  expect(await found(catalog, 'pear', { not: ['red', 'café'] })).toEqual([]);
  expect(await found(catalog, 'cafe creme')).toEqual(['Café CREME']);
});

test('only what the filter keeps, and only what is on the disk', async () => {
  const { catalog, model } = await temporaryCatalog();
  await storeAll(catalog, model, [picture('/p/a.png', { texts: ['sea'] })], 'holiday');
  await storeAll(catalog, model, [picture('/q/sea.png'), picture('/q/gone-sea.png')]);
  for await (const page of catalog.files.under('/q/gone-sea.png')) {
    await catalog.files.markMissing(page.map(({ id }) => id));
  }
  expect((await found(catalog, 'sea')).sort()).toEqual(['/q/sea.png', 'sea']);
  expect(await found(catalog, 'sea', { filter: { collection: 'holiday' } })).toEqual(['sea']);
  expect(await found(catalog, 'sea', { filter: { under: '/q' } })).toEqual(['/q/sea.png']);
  const nowhere = { limit: 1, filter: { collection: 'work' } };
  expect(() => catalog.fullText('sea', nowhere)).toThrow(UnknownCollection);
});

test('nothing that is written is a mistake', async () => {
  const catalog = await captioned(['a OR b near NOT']);
  const inputs = [
    '"',
    '""',
    '* OR',
    'NEAR(a b)',
    'text:a',
    'a AND',
    '^a',
    '-a',
    "'",
    '\0',
    'a\0b',
    '(',
    '{a}',
    '+',
  ];
  for (const input of [
    ...inputs,
    '🐈',
    '\ud800',
    'a '.repeat(10_000),
    'é'.repeat(10_000),
    '"a" *',
  ]) {
    expect(() => catalog.fullText(input, { limit: 10 }), input.slice(0, 20)).not.toThrow();
    expect(() => catalog.fullText('b', { limit: 10, not: [input] })).not.toThrow();
  }
  expect(await found(catalog, 'or NOT')).toEqual(['a OR b near NOT']);
  expect(await found(catalog, '*')).toEqual([]);
});

test('a thread finds what the catalog finds, also what was written since', async () => {
  const catalog = await captioned(['red apple', 'red dog on a beach', 'dog']);
  const finder = openWordFinder(catalog.file);
  try {
    const query = { limit: 10, not: ['apple'] };
    expect(await finder.fullText('red', query)).toEqual(catalog.fullText('red', query));
    const [one, two] = catalog.fullText('dog', { limit: 10 });
    await catalog.forgetItems([one!.itemId]);
    expect(await finder.fullText('dog', { limit: 10 })).toEqual([two]);
    const unknown = finder.fullText('dog', { limit: 10, filter: { collection: 'none' } });
    await expect(unknown).rejects.toMatchObject({ name: 'UnknownCollection' });
  } finally {
    await finder.close();
  }
  await expect(finder.fullText('dog', { limit: 10 })).resolves.toHaveLength(1);
  await finder.close();
});
