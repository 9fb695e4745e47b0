// In order of time everything that is related takes part, however much it is. The engine is made up: it ranks
// pictures by their number.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCatalog, type Catalog } from '#catalog';
import type { Engine } from '#engine';
import { search } from '#search';
import { fillLibrary } from '../../scripts/bench/library';

const PICTURES = 3_000;
/** The pictures after these score less than chance does. */
const RELATED = 2_700;
const asked: number[] = [];
let folder: string;
let catalog: Catalog;
let engine: Engine;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bifocal-by-date-'));
  catalog = await openCatalog(path.join(folder, 'bifocal.db'));
  const model = { fingerprint: 'f', name: 'made up', folder, dimension: 1 };
  const known = await catalog.models.register(model);
  const one = Float32Array.of(1);
  const vectors = new Float32Array(PICTURES).fill(1);
  await fillLibrary(catalog, known, { vectors, queries: one, dimension: 1 });
  const stub: Partial<Engine> = {
    status: () =>
      Promise.resolve({
        state: 'ready',
        model,
        indexed: { image: PICTURES, text: 0 },
        method: { image: 'exact', text: 'exact' },
      }),
    encodeTexts: (texts) => Promise.resolve(texts.map(() => one)),
    countPieces: (texts) => Promise.resolve(texts.map(() => 1)),
    background: () => Promise.resolve(new Float32Array(1_000).fill(0.1)),
    search: ({ k }) => {
      asked.push(k);
      const rank = (_: unknown, n: number) => ({ id: n + 1, score: n < RELATED ? 0.5 : 0.05 });
      return Promise.resolve(Array.from({ length: Math.min(k, PICTURES) }, rank));
    },
  };
  engine = stub as Engine;
});
afterAll(async () => {
  await catalog.close();
  await rm(folder, { recursive: true, force: true });
});

it('sorts all that is above the line, and nothing below it', async () => {
  const query = { in: 'image', words: 'cat', judged: true, limit: 100 } as const;
  const find = (sort: 'newest' | 'oldest', offset = 0) =>
    search({ ...query, sort, offset }, { engine, catalog });
  const ids = ({ hits }: Awaited<ReturnType<typeof find>>) => hits.map(({ id }) => id);
  // A made-up picture is a day younger than the one before it.
  const all = Array.from({ length: RELATED }, (_, n) => n + 1);
  expect(ids(await find('newest'))).toEqual(all.slice(-100).reverse());
  expect(ids(await find('oldest', RELATED - 50))).toEqual(all.slice(-50));
  expect(asked).toEqual([1_000, 4_000, 1_000, 4_000]);
});
