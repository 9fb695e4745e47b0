// Reading the catalog for an index: on another thread where it is much, and the same as on this one.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Reader } from '../../services/engine/reader/reader';
import { readChanges, readRows } from '../../services/engine/reader/reading';
import { dimension, makeLibrary, storePictures, vectorOf, type Library } from './library';

let library: Library;
let reader: Reader;
const none = new Uint32Array();

beforeAll(async () => {
  library = await makeLibrary();
  await storePictures(library, 1, 2_100);
  reader = new Reader(library.catalog.file);
});
afterAll(async () => {
  await reader.close();
  await library.remove();
});

describe('what is read on another thread', () => {
  it('is what is read on this one, and what was stored', async () => {
    const { catalog, model } = library;
    const source = { catalog, model, modality: 'image' } as const;
    const { added } = await reader.changes(source, none);
    expect(added).toEqual(Uint32Array.from({ length: 2_100 }, (_, i) => i + 1));
    const rows = await reader.rows(source, added);
    expect(rows).toEqual(readRows(catalog.embeddings, source, added));
    for (const [i, x] of vectorOf(42).entries()) {
      expect(rows.rows[41 * dimension + i]).toBeCloseTo(x, 5);
    }
    // From here on the thread says what has changed, too.
    await storePictures(library, 2_101, 3);
    const known = Uint32Array.of(5_000, ...added).sort();
    const changes = await reader.changes(source, known);
    expect(changes).toEqual({
      added: Uint32Array.of(2_101, 2_102, 2_103),
      removed: Uint32Array.of(5_000),
    });
    expect(changes).toEqual(readChanges(catalog.embeddings, source, known));
    const gone = await reader.rows(source, Uint32Array.of(7, 9_999));
    expect(gone.ids).toEqual(Uint32Array.of(7));
  });

  it('fails with a reason, and goes on', async () => {
    const { catalog, model } = library;
    const source = { catalog, model: { ...model, dimension: 3 }, modality: 'image' } as const;
    await expect(reader.rows(source, Uint32Array.of(1, 2))).rejects.toThrow();
    const right = { catalog, model, modality: 'image' } as const;
    expect((await reader.rows(right, Uint32Array.of(2))).ids).toEqual(Uint32Array.of(2));
  });
});
