// What waits for an embedding by a model that came later.

import { expect, test } from 'vitest';
import { picture, registerModel, storeAll, temporaryCatalog, vector } from './fixtures';

test('a new model waits for every picture on the disk and its captions', async () => {
  const { catalog, model } = await temporaryCatalog();
  const pictures = [
    picture('/p/1', { texts: ['one', 'first'] }),
    picture('/p/2', { texts: ['two'] }),
    picture('/p/copy', { sha256: '/p/1' }),
    picture('/p/gone', { texts: ['gone'] }),
  ];
  await storeAll(catalog, model, pictures);
  for await (const page of catalog.files.under('/p/gone')) {
    await catalog.files.markMissing(page.map(({ id }) => id));
  }
  expect(catalog.countWaiting(model)).toEqual({ images: 0, texts: 0, missing: 0 });
  expect(catalog.models.embedded(model)).toEqual({ images: 3, texts: 4 });

  const later = await registerModel(catalog, 'b');
  expect(catalog.countWaiting(later)).toEqual({ images: 2, texts: 3, missing: 1 });
  expect(catalog.models.embedded(later)).toEqual({ images: 0, texts: 0 });
  const waiting = catalog.unembeddedItems(later, 0, 10);
  expect(waiting).toEqual([
    { id: 1, sha256: '/p/1', paths: ['/p/1', '/p/copy'] },
    { id: 2, sha256: '/p/2', paths: ['/p/2'] },
  ]);
  expect(catalog.unembeddedItems(later, 0, 1)).toEqual(waiting.slice(0, 1));
  expect(catalog.unembeddedItems(later, 1, 10)).toEqual(waiting.slice(1));
});

test('embeddings of items are stored once, and not of items that are gone', async () => {
  const { catalog, model } = await temporaryCatalog();
  await storeAll(catalog, model, [picture('/p/1', { texts: ['one'] }), picture('/p/2')]);
  const later = await registerModel(catalog, 'b');
  await catalog.embedItems(
    later,
    new Map([
      [1, vector(5)],
      [77, vector(6)],
    ]),
  );
  await catalog.embedItems(later, new Map([[1, vector(7)]]));
  expect(catalog.embeddings.searchableIds(later, 'image')).toEqual([1]);
  expect(catalog.embeddings.vectors(later, 'image', [1])).toEqual(vector(5));
  expect(catalog.unembeddedItems(later, 0, 10).map(({ id }) => id)).toEqual([2]);
  expect(await catalog.unembeddedCaptions(later, 0, 10)).toEqual([{ id: 1, text: 'one' }]);
  const short = new Map([[2, new Float32Array(3)]]);
  await expect(catalog.embedItems(later, short)).rejects.toThrow(/must have 4 numbers/);
});
