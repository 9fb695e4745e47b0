// Browsing page by page, what a page about one item or collection shows, and forgetting.

import { expect, test } from 'vitest';
import { InvalidCursor, UnknownCollection, type BrowseQuery, type Catalog } from '#catalog';
import { picture, storeAll, temporaryCatalog } from './fixtures';

/** Items whose times come in no order, several at a time, one of three without any. */
async function taken(count: number) {
  const { catalog, model } = await temporaryCatalog();
  const pictures = Array.from({ length: count }, (_, n) => {
    const one = picture(`/p/${n}.png`, { seed: n });
    const takenAt = n % 3 === 0 ? undefined : new Date(((n * 7) % 5) * 1000 - 2000);
    return { ...one, content: { ...one.content, takenAt } };
  });
  await storeAll(catalog, model, pictures, 'c');
  return { catalog, model };
}

async function markMissing(catalog: Catalog, path: string) {
  for await (const page of catalog.files.under(path)) {
    await catalog.files.markMissing(page.map(({ id }) => id));
  }
}

/** All pages, in one. */
function walk(catalog: Catalog, query: BrowseQuery): number[] {
  const ids: number[] = [];
  for (let after: string | undefined; ;) {
    const page = catalog.list({ ...query, after });
    ids.push(...page.ids);
    if (page.next === null) return ids;
    expect(page.ids).toHaveLength(query.limit);
    after = page.next;
  }
}

test('pages of any size follow each other in order, undated pictures last', async () => {
  const { catalog } = await taken(30);
  await markMissing(catalog, '/p/4.png');
  const items = [...(await catalog.items([...catalog.filtered({}, 'image')])).values()];
  const present = items.filter(({ path }) => path !== null);
  const time = ({ takenAt }: (typeof items)[number]) => takenAt?.getTime();
  const sorted = (order: BrowseQuery['order'], sign: number) =>
    present.toSorted((a, b) => {
      const [at, bt] = order === 'added' ? [0, 0] : [time(a), time(b)];
      if (at === undefined || bt === undefined) {
        return at === bt ? sign * (a.id - b.id) : at === undefined ? 1 : -1;
      }
      return sign * (at - bt || a.id - b.id);
    });
  for (const [order, sign] of [
    ['newest', -1],
    ['oldest', 1],
    ['added', -1],
  ] as const) {
    const expected = sorted(order, sign).map(({ id }) => id);
    for (const limit of [1, 4, 29, 100]) {
      expect(walk(catalog, { order, limit }), `${order} ${limit}`).toEqual(expected);
    }
    const dated = { takenFrom: '1970-01-01' };
    expect(walk(catalog, { order, limit: 2, filter: dated })).toEqual(
      expected.filter((id) => (time(items.find((item) => item.id === id)!) ?? -1) >= 0),
    );
  }
  expect(walk(catalog, { order: 'added', limit: 5, filter: { missing: true } })).toEqual([5]);
});

test('a page begins where the last one ended, whatever went meanwhile', async () => {
  const { catalog } = await taken(9);
  const order = 'newest';
  const all = walk(catalog, { order, limit: 100 });
  const { ids, next } = catalog.list({ order, limit: 4 });
  expect(await catalog.forgetItems(ids)).toBe(4);
  expect(catalog.list({ order, limit: 100, after: next! }).ids).toEqual(all.slice(4));
});

test('what is no place in a list, and no collection, is refused', async () => {
  const { catalog } = await taken(1);
  for (const after of ['', '1', 'x_1', '1_x', '1_1; DROP TABLE "Item"', '1_1_1']) {
    expect(() => catalog.list({ order: 'newest', limit: 1, after })).toThrow(InvalidCursor);
  }
  const filter = { collection: 'none' };
  expect(() => catalog.list({ order: 'newest', limit: 1, filter })).toThrow(UnknownCollection);
});

test('forgotten items take all that belongs to them along, and come back with an ingest', async () => {
  const { catalog, model } = await temporaryCatalog();
  const pictures = [
    picture('/p/1.png', { sha256: 's', texts: ['one'] }),
    picture('/p/copy.png', { sha256: 's' }),
    picture('/p/2.png', { texts: ['two'] }),
  ];
  await storeAll(catalog, model, pictures, 'c');
  expect(await catalog.forgetItems([1, 77])).toBe(1);
  expect(await catalog.counts()).toEqual({
    items: 1,
    files: { present: 1, missing: 0, failed: 0 },
    captions: 1,
    collections: 1,
  });
  expect(catalog.models.embedded(model)).toEqual({ images: 1, texts: 1 });
  expect(await catalog.collections.ids('c', 'image')).toHaveLength(1);
  await storeAll(catalog, model, pictures);
  expect(await catalog.counts()).toMatchObject({ items: 2, files: { present: 3 }, captions: 2 });
});

test('all that is known of one item', async () => {
  const { catalog, model } = await temporaryCatalog();
  const one = picture('/p/b.png', { sha256: 's', texts: ['said'] });
  const content = { ...one.content, camera: 'Leica M3', latitude: -1.5, longitude: 2 };
  await storeAll(catalog, model, [{ ...one, content }, picture('/p/a.png', { sha256: 's' })], 'z');
  await storeAll(catalog, model, [one], 'a');
  await catalog.files.fail({ path: '/p/a.png', size: 1, mtimeMs: 1, reason: 'cut short' });
  expect(catalog.itemFacts(1)).toEqual({
    camera: 'Leica M3',
    latitude: -1.5,
    longitude: 2,
    createdAt: expect.any(Date) as Date,
    files: [
      { path: '/p/a.png', status: 'failed', reason: 'cut short' },
      { path: '/p/b.png', status: 'present', reason: null },
    ],
    captions: [{ id: 1, text: 'said', source: '/p/b.png.txt', language: null }],
    collections: ['a', 'z'],
  });
  expect(Math.abs(catalog.itemFacts(1)!.createdAt.getTime() - Date.now())).toBeLessThan(600_000);
  expect(catalog.itemFacts(2)).toBeNull();
});

test('collections with their covers; one that is removed leaves its pictures', async () => {
  const { catalog, model } = await taken(10);
  await storeAll(catalog, model, [picture('/p/0.png'), picture('/p/1.png')], 'b');
  await markMissing(catalog, '/p/0.png');
  expect(await catalog.collections.overview()).toEqual([
    { name: 'b', items: 2, present: 1, covers: [2], createdAt: expect.any(Date) as Date },
    { name: 'c', items: 10, present: 9, covers: [2, 4, 6, 8], createdAt: expect.any(Date) as Date },
  ]);
  await catalog.collections.remove('c');
  expect((await catalog.collections.list()).map(({ name }) => name)).toEqual(['b']);
  expect((await catalog.counts()).items).toBe(10);
  await expect(catalog.collections.remove('c')).rejects.toThrow(UnknownCollection);
});

test('failures by the page', async () => {
  const { catalog } = await temporaryCatalog();
  for (const name of ['c', 'a', 'b']) {
    await catalog.files.fail({ path: `/${name}`, size: 1, mtimeMs: 1, reason: `no ${name}` });
  }
  expect(catalog.files.failures().map(({ path }) => path)).toEqual(['/a', '/b', '/c']);
  expect(catalog.files.failures({ limit: 1, offset: 1 })).toEqual([
    { path: '/b', reason: 'no b', collection: null },
  ]);
  expect(await catalog.files.countFailed()).toBe(3);
});

test('items are put into a collection, new or not, each once, and taken out again', async () => {
  const { catalog } = await taken(4);
  const members = (name: string) => catalog.collections.ids(name, 'image');
  expect(await catalog.collections.add('few', [1, 3, 77])).toBe(2);
  expect(await catalog.collections.add('few', [3, 4])).toBe(1);
  expect(await members('few')).toEqual([1, 3, 4]);
  expect(await catalog.collections.takeOut('few', [3, 2])).toBe(1);
  expect(await members('few')).toEqual([1, 4]);
  expect(await members('c')).toEqual([1, 2, 3, 4]);
  await expect(catalog.collections.takeOut('none', [1])).rejects.toThrow(UnknownCollection);
});
