// Reading: what the engine, the search and the page ask the catalog.

import { expect, test } from 'vitest';
import { openCatalog, type Catalog, UnknownCollection } from '#catalog';
import { picture, registerModel, storeAll, temporaryCatalog, vector } from './fixtures';

async function under(catalog: Catalog, root: string) {
  const files = [];
  for await (const page of catalog.files.under(root)) files.push(...page);
  return files;
}

const many = (count: number, texts: string[] = []) =>
  Array.from({ length: count }, (_, n) => picture(`/p/${n}.png`, { texts, seed: n }));

test('pictures that are missing drop out of the search and come back', async () => {
  const { catalog, model } = await temporaryCatalog();
  await storeAll(catalog, model, many(3, ['said']));
  const images = catalog.embeddings.searchableIds(model, 'image');
  const texts = catalog.embeddings.searchableIds(model, 'text');
  const gone = (await under(catalog, '/p')).filter(({ path }) => path === '/p/1.png');
  expect(await catalog.files.markMissing(gone.map(({ id }) => id))).toBe(1);

  expect(catalog.embeddings.searchableIds(model, 'image')).toEqual([images[0], images[2]]);
  expect(catalog.embeddings.searchableIds(model, 'text')).toEqual([texts[0], texts[2]]);
  expect((await catalog.items(images)).get(images[1]!)).toMatchObject({
    path: null,
    lastPath: '/p/1.png',
    captions: ['said'],
  });
  expect((await catalog.counts()).files).toEqual({ present: 2, missing: 1, failed: 0 });

  await storeAll(catalog, model, many(3));
  expect(catalog.embeddings.searchableIds(model, 'image')).toEqual(images);
});

test('embeddings are kept per model', async () => {
  const { catalog, model } = await temporaryCatalog();
  const other = await registerModel(catalog, 'b');
  await storeAll(catalog, model, many(2));
  await storeAll(catalog, other, [{ ...many(1)[0]!, vector: vector(50) }]);
  expect(catalog.embeddings.searchableIds(other, 'image')).toEqual([1]);
  expect(catalog.embeddings.vectors(other, 'image', [1])).toEqual(vector(50));
  expect(catalog.embeddings.vectors(model, 'image', [1])).toEqual(vector(0));
  expect(() => catalog.embeddings.vectors(other, 'image', [1, 2])).toThrow(
    '1 of 2 image embeddings of tiny are gone',
  );
});

test('a model is registered once and found by its fingerprint', async () => {
  const { catalog, model } = await temporaryCatalog();
  expect(await registerModel(catalog, 'a')).toEqual(model);
  const moved = { fingerprint: 'a', name: 'renamed', folder: '/n', dimension: 4 };
  expect(await catalog.models.register(moved)).toEqual({ ...model, ...moved });
  expect(await catalog.models.find('a')).toEqual({ ...model, ...moved });
  expect(await catalog.models.find('unknown')).toBeNull();
  expect(await catalog.models.list()).toHaveLength(1);
});

test('the model used last serves; one that is dropped takes its embeddings with it', async () => {
  const { catalog, model } = await temporaryCatalog();
  const other = await registerModel(catalog, 'b');
  expect(await catalog.models.serving()).toBeNull();
  for (const one of [model, other, model, other]) {
    await catalog.models.use(one);
    expect(await catalog.models.serving()).toEqual({ ...one, usedAt: expect.any(Date) as Date });
  }
  await storeAll(catalog, other, many(2, ['said']));
  await catalog.models.drop(other);
  expect(await catalog.models.serving()).toMatchObject({ id: model.id });
  expect(catalog.embeddings.searchableIds(other, 'image')).toEqual([]);
  expect(await catalog.counts()).toMatchObject({ items: 2, captions: 2 });
});

test('the version changes when anybody writes, and only then', async () => {
  const { catalog, model } = await temporaryCatalog();
  const reader = await openCatalog(catalog.file);
  const before = reader.version();
  expect(reader.version()).toBe(before);
  const own = catalog.version();
  await storeAll(catalog, model, many(1));
  expect(reader.version()).toBeGreaterThan(before);
  expect(catalog.version()).toBeGreaterThan(own);
  await reader.close();
});

test('known files tell what can be skipped', async () => {
  const { catalog, model } = await temporaryCatalog();
  await storeAll(catalog, model, [picture('/a.png', { sha256: 's', texts: ['said'] })]);
  const failure = { path: '/b.png', size: 5e9, mtimeMs: 2.25, reason: 'not yet' };
  await catalog.files.fail({ ...failure, collection: 'trip' });
  // Once more, from somebody who asks for no collection.
  await catalog.files.fail({ ...failure, reason: 'truncated JPEG' });
  const other = await registerModel(catalog, 'b');

  const known = await catalog.files.known(['/a.png', '/b.png', '/c.png'], other.id);
  expect([...known.keys()].sort()).toEqual(['/a.png', '/b.png']);
  expect(known.get('/b.png')).toEqual({
    path: '/b.png',
    size: 5e9,
    mtimeMs: 2.25,
    status: 'failed',
    item: null,
  });
  expect(known.get('/a.png')).toMatchObject({
    status: 'present',
    item: { embedded: false, captions: [{ text: 'said', source: '/a.png.txt' }] },
  });
  expect(await catalog.files.itemOf('s', model.id)).toMatchObject({
    embedded: true,
    content: { sha256: 's', bytes: 100 },
  });
  expect(await catalog.files.itemOf('unknown', model.id)).toBeNull();
  expect(catalog.files.failures()).toEqual([
    { path: '/b.png', reason: 'truncated JPEG', collection: 'trip' },
  ]);
});

test('the files under a folder are those in it, not those beside it', async () => {
  const { catalog, model } = await temporaryCatalog();
  const paths = ['/p/a.png', '/p/b/c.png', '/p', '/p.png', '/p x/a.png', '/p0', '/o/z.png'];
  await storeAll(
    catalog,
    model,
    paths.map((path) => picture(path)),
  );
  const inside = async (root: string) => (await under(catalog, root)).map(({ path }) => path);
  expect(await inside('/p')).toEqual(['/p', '/p/a.png', '/p/b/c.png']);
  expect(await inside('/')).toHaveLength(paths.length);
  expect(await inside('/nowhere')).toEqual([]);
});

test('missing files are forgotten on request, and pictures with their last file', async () => {
  const { catalog, model } = await temporaryCatalog();
  const other = await registerModel(catalog, 'b');
  const pictures = [
    picture('/p/gone.png', { texts: ['one', 'two'] }),
    picture('/p/twice.png', { sha256: 's', texts: ['three'] }),
    picture('/q/twice.png', { sha256: 's' }),
    picture('/p/here.png', { texts: ['four'] }),
    picture('/p2/gone.png', { texts: ['five'] }),
  ];
  await storeAll(catalog, model, pictures, 'c');
  await storeAll(catalog, other, pictures);
  const gone = ['/p/gone.png', '/p/twice.png', '/p2/gone.png'];
  const files = (await under(catalog, '/')).filter(({ path }) => gone.includes(path));
  await catalog.files.markMissing(files.map(({ id }) => id));

  expect(await catalog.prune('/p/')).toEqual({ files: 2, items: 1, captions: 2 });
  expect(await catalog.prune('/p')).toEqual({ files: 0, items: 0, captions: 0 });
  const items = await catalog.items([...catalog.filtered({}, 'image')]);
  expect([...items.values()].map(({ path }) => path)).toEqual([
    '/q/twice.png',
    '/p/here.png',
    null,
  ]);
  expect(await catalog.collections.list()).toEqual([{ name: 'c', items: 3 }]);
  expect(catalog.models.embedded(other)).toEqual({ images: 3, texts: 3 });
});

test('a page and a sample show what is on the disk', async () => {
  const { catalog, model } = await temporaryCatalog();
  await storeAll(catalog, model, many(10));
  await storeAll(catalog, model, [many(10)[3]!, many(10)[8]!], 'some');
  const paths = (items: { path: string | null }[]) => items.map(({ path }) => path);
  expect(paths(await catalog.page({ limit: 2, offset: 4 }))).toEqual(['/p/4.png', '/p/5.png']);
  expect(paths(await catalog.page({ limit: 5, collection: 'some' }))).toEqual([
    '/p/3.png',
    '/p/8.png',
  ]);
  expect(paths(await catalog.sample(3))).toEqual(['/p/0.png', '/p/4.png', '/p/7.png']);
  expect(await catalog.sample(50)).toHaveLength(10);
  expect(await catalog.sample(1, 'some')).toHaveLength(1);
});

test('an unknown collection is an error that names those there are', async () => {
  const { catalog, model } = await temporaryCatalog();
  await expect(catalog.collections.ids('pets', 'image')).rejects.toThrow('there is none yet');
  await storeAll(catalog, model, many(1), 'cats');
  const failure = catalog.collections.ids('pets', 'text');
  await expect(failure).rejects.toThrow('no collection is named pets; there are: cats');
  await expect(failure).rejects.toBeInstanceOf(UnknownCollection);
});

test('captions that wait for an embedding are found once their picture has one', async () => {
  const { catalog, model } = await temporaryCatalog();
  const other = await registerModel(catalog, 'b');
  await storeAll(catalog, model, [picture('/a.png', { texts: ['one', 'two', 'three'] })]);
  expect(await catalog.unembeddedCaptions(model, 0, 10)).toEqual([]);
  expect(await catalog.unembeddedCaptions(other, 0, 10)).toEqual([]);

  await storeAll(catalog, other, [{ ...picture('/a.png'), captions: [] }]);
  expect(await catalog.unembeddedCaptions(other, 1, 1)).toEqual([{ id: 2, text: 'two' }]);
  await catalog.embedCaptions(
    other,
    new Map([
      [2, vector(7)],
      [99, vector(8)],
    ]),
  );
  expect(catalog.embeddings.searchableIds(other, 'text')).toEqual([2]);
  expect(catalog.embeddings.vectors(other, 'text', [2])).toEqual(vector(7));
  expect((await catalog.unembeddedCaptions(other, 0, 10)).map(({ id }) => id)).toEqual([1, 3]);
});
