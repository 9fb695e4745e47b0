// Storing: what a batch leaves behind, also when it fails, when it repeats, and when its process dies.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openCatalog } from '#catalog';
import {
  DIMENSION,
  picture,
  registerModel,
  storeAll,
  temporaryCatalog,
  temporaryFolder,
  vector,
} from './fixtures';

test('items, files, captions, embeddings and members come back as stored', async () => {
  const { catalog, model } = await temporaryCatalog();
  const takenAt = new Date('2024-05-06T07:08:09.000Z');
  const cat = picture('/p/cat.png', { texts: ['a cat', 'a pet'], seed: 1 });
  cat.content.takenAt = takenAt;
  await storeAll(catalog, model, [cat, picture('/p/Größe\n.png', { seed: 2 })], 'pets');

  const ids = catalog.embeddings.searchableIds(model, 'image');
  const items = await catalog.items(ids);
  expect([...items.values()]).toEqual([
    {
      id: ids[0],
      sha256: '/p/cat.png',
      path: '/p/cat.png',
      lastPath: '/p/cat.png',
      width: 3,
      height: 2,
      format: 'png',
      bytes: 100,
      takenAt,
      captions: ['a cat', 'a pet'],
    },
    expect.objectContaining({ id: ids[1], path: '/p/Größe\n.png', takenAt: null, captions: [] }),
  ]);
  expect(catalog.embeddings.vectors(model, 'image', ids.toReversed())).toEqual(
    Float32Array.of(...vector(2), ...vector(1)),
  );

  const captions = catalog.embeddings.searchableIds(model, 'text');
  expect(catalog.embeddings.vectors(model, 'text', captions)).toEqual(
    Float32Array.of(...vector(100), ...vector(101)),
  );
  expect((await catalog.captions(captions)).get(captions[1]!)).toMatchObject({
    text: 'a pet',
    source: '/p/cat.png.txt',
    language: null,
    item: { id: ids[0], path: '/p/cat.png' },
  });
  expect(await catalog.collections.list()).toEqual([{ name: 'pets', items: 2 }]);
  expect(await catalog.collections.ids('pets', 'image')).toEqual(ids);
  expect(await catalog.collections.ids('pets', 'text')).toEqual(captions);
});

test('storing the same again changes nothing', async () => {
  const { catalog, model } = await temporaryCatalog();
  const pictures = [picture('/a.png', { texts: ['one'] }), picture('/b.png', { texts: ['two'] })];
  await storeAll(catalog, model, pictures, 'c');
  const before = [await catalog.counts(), catalog.embeddings.searchableIds(model, 'text')];
  await storeAll(catalog, model, pictures, 'c');
  expect([await catalog.counts(), catalog.embeddings.searchableIds(model, 'text')]).toEqual(before);
});

test('what an item of an earlier version lacks is filled in, what it has stays', async () => {
  const { catalog, model } = await temporaryCatalog();
  const plain = picture('/a.png', { sha256: 's' });
  const takenAt = new Date('2024-05-06T07:08:09.000Z');
  const place = { latitude: -48.5, longitude: 0 };
  const content = { ...plain.content, ...place, camera: 'Ricoh GR', perceptualHash: '00ff' };
  const stored = async () => (await catalog.files.itemOf('s', model.id))?.content;

  await storeAll(catalog, model, [plain]);
  expect(await stored()).toEqual({ ...plain.content, takenAt: undefined });
  await storeAll(catalog, model, [{ ...plain, content: { ...content, takenAt } }]);
  expect(await stored()).toEqual({ ...content, takenAt });
  const other = { ...content, camera: 'Leica', latitude: 1, perceptualHash: 'ff00' };
  await storeAll(catalog, model, [{ ...plain, content: other }]);
  expect(await stored()).toEqual({ ...content, takenAt });
});

test('one content at several paths is one item', async () => {
  const { catalog, model } = await temporaryCatalog();
  await storeAll(catalog, model, [
    picture('/a.png', { sha256: 's', texts: ['from a'] }),
    picture('/b.png', { sha256: 's', texts: ['from b'] }),
  ]);
  const [id] = catalog.embeddings.searchableIds(model, 'image');
  expect((await catalog.items([id!])).get(id!)).toMatchObject({
    path: '/a.png',
    captions: ['from a', 'from b'],
  });
  expect(await catalog.counts()).toMatchObject({ items: 1, files: { present: 2 } });
});

test('a path whose content changes hands captions and collections on, and the old item goes', async () => {
  const { catalog, model } = await temporaryCatalog();
  await storeAll(catalog, model, [picture('/a.png', { sha256: 'old', texts: ['kept'] })], 'c');
  const [captionId] = catalog.embeddings.searchableIds(model, 'text');
  const changed = { ...picture('/a.png', { sha256: 'new', seed: 9 }), captions: [] };
  await storeAll(catalog, model, [changed]);

  const ids = catalog.embeddings.searchableIds(model, 'image');
  expect([...(await catalog.items(ids)).values()]).toEqual([
    expect.objectContaining({ sha256: 'new', captions: ['kept'] }),
  ]);
  expect(catalog.embeddings.vectors(model, 'image', ids)).toEqual(vector(9));
  expect(catalog.embeddings.searchableIds(model, 'text')).toEqual([captionId]);
  expect(await catalog.collections.ids('c', 'image')).toEqual(ids);
  expect((await catalog.counts()).items).toBe(1);
});

test('the old content stays where another path still has it', async () => {
  const { catalog, model } = await temporaryCatalog();
  await storeAll(catalog, model, [
    picture('/a.png', { sha256: 'old', texts: ['said of a'] }),
    picture('/b.png', { sha256: 'old' }),
  ]);
  await storeAll(catalog, model, [picture('/a.png', { sha256: 'new' })]);
  const items = await catalog.items(catalog.embeddings.searchableIds(model, 'image'));
  expect([...items.values()].map(({ sha256, path }) => [sha256, path])).toEqual([
    ['old', '/b.png'],
    ['new', '/a.png'],
  ]);
});

test('a source replaces what it said before, and nothing that others said', async () => {
  const { catalog, model } = await temporaryCatalog();
  const said = (source: string, ...texts: string[]) => ({
    source,
    texts: texts.map((text) => ({ text, language: 'en' })),
  });
  const one = picture('/a.png');
  one.captions = [said('/a.txt', 'first', 'second'), said('/list.csv', 'listed')];
  await storeAll(catalog, model, [one]);
  one.captions = [said('/a.txt', 'second', 'third')];
  await storeAll(catalog, model, [one]);
  const texts = catalog.embeddings.searchableIds(model, 'text');
  expect([...(await catalog.captions(texts)).values()].map(({ text }) => text)).toEqual([
    'second',
    'listed',
    'third',
  ]);
});

test('a batch that fails leaves nothing', async () => {
  const { catalog, model } = await temporaryCatalog();
  const bad = { ...picture('/b.png'), vector: new Float32Array(3) };
  await expect(storeAll(catalog, model, [picture('/a.png'), bad], 'c')).rejects.toThrow(
    'an embedding of tiny must have 4 numbers, this one has 3',
  );
  bad.vector = Float32Array.of(1, NaN, 0, 0);
  await expect(storeAll(catalog, model, [picture('/a.png'), bad], 'c')).rejects.toThrow(
    'not finite',
  );
  expect(await catalog.counts()).toMatchObject({ items: 0, collections: 0, captions: 0 });
});

test('two catalogs that write at the same time both succeed', async () => {
  const { catalog: first, model } = await temporaryCatalog();
  const second = await openCatalog(first.file);
  const work = Array.from({ length: 30 }, (_, n) => [
    storeAll(n % 2 ? first : second, model, [picture(`/p/${n}.png`, { texts: [`t${n}`] })]),
    (n % 2 ? second : first).files.fail({ path: `/f/${n}`, size: n, mtimeMs: 1, reason: 'broken' }),
  ]);
  await Promise.all(work.flat());
  await second.close();
  expect(await first.counts()).toMatchObject({ items: 30, captions: 30, files: { failed: 30 } });
});

test('kill -9 leaves whole batches only', async () => {
  const file = path.join(temporaryFolder(), 'bifocal.db');
  const script = `
    import { openCatalog } from '#catalog';
    import { picture, registerModel, storeAll } from ${JSON.stringify(path.resolve('test/catalog/fixtures'))};
    const catalog = await openCatalog(${JSON.stringify(file)});
    const model = await registerModel(catalog, 'a');
    for (let batch = 0; ; batch++) {
      const pictures = Array.from({ length: 20 }, (_, n) =>
        picture('/' + batch + '/' + n, { texts: ['text ' + batch + ' ' + n], seed: n }));
      await storeAll(catalog, model, pictures, 'c');
      process.stdout.write('.');
    }`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let batches = 0;
  for await (const dots of child.stdout) {
    batches += (dots as Buffer).length;
    if (batches > 5) break;
  }
  child.kill('SIGKILL');
  await once(child, 'exit');

  const catalog = await openCatalog(file);
  const { items, captions, files } = await catalog.counts();
  expect(items).toBeGreaterThanOrEqual(20 * 5);
  expect(items % 20).toBe(0);
  expect([captions, files.present]).toEqual([items, items]);
  const model = await registerModel(catalog, 'a');
  for (const modality of ['image', 'text'] as const) {
    const ids = catalog.embeddings.searchableIds(model, modality);
    expect(ids).toHaveLength(items);
    expect(catalog.embeddings.vectors(model, modality, ids)).toHaveLength(items * DIMENSION);
    expect(await catalog.collections.ids('c', modality)).toEqual(ids);
  }
  await catalog.close();
});
