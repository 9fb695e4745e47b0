// Pages of an index that misses among few what it finds among more: together they are every hit, once. The engine is
// made up: it ranks pictures by their number.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { openCatalog } from '#catalog';
import type { Engine } from '#engine';
import { search } from '#search';
import { fillLibrary } from '../../scripts/bench/library';

const PICTURES = 700;

it('show every picture and every text once, whatever their length', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'bifocal-pages-'));
  const catalog = await openCatalog(path.join(folder, 'bifocal.db'));
  try {
    const model = { fingerprint: 'f', name: 'made up', folder, dimension: 1 };
    const known = await catalog.models.register(model);
    const one = Float32Array.of(1);
    const vectors = new Float32Array(PICTURES).fill(1);
    // Every second picture has one of five captions.
    await fillLibrary(catalog, known, { vectors, queries: vectors.slice(0, 10), dimension: 1 });
    const held = { image: PICTURES, text: PICTURES / 2 };
    const method = { image: 'hnsw', text: 'hnsw' } as const;
    const stub: Partial<Engine> = {
      status: () => Promise.resolve({ state: 'ready', model, indexed: held, method }),
      encodeTexts: (texts) => Promise.resolve(texts.map(() => one)),
      search: ({ k, modality }) => {
        const all = Array.from({ length: held[modality] }, (_, n) => ({
          id: n + 1,
          score: 1 - n / 1e3,
        }));
        // Every ninth is found only among more than would have to be looked at.
        return Promise.resolve(all.filter(({ id }) => id % 9 > 0 || k > 1.4 * id).slice(0, k));
      },
    };
    const lookUp = vi.spyOn(catalog, 'items');
    for (const limit of [60, 200]) {
      const seen: number[] = [];
      for (let offset = 0, length = limit; length === limit; offset += limit) {
        const query = { in: 'image', words: 'cat', fused: false, limit, offset } as const;
        const { hits } = await search(query, { engine: stub as Engine, catalog });
        seen.push(...hits.map(({ id }) => id));
        length = hits.length;
        // However far down: what is not shown is not read.
        expect(lookUp.mock.calls.flat(2)).toEqual(hits.map(({ id }) => id));
        lookUp.mockClear();
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect([limit, seen.length]).toEqual([limit, PICTURES]);
    }
    const texts: (string | null)[] = [];
    for (const offset of [0, 2, 4]) {
      const query = { in: 'text', words: 'cat', limit: 2, offset } as const;
      const { hits } = await search(query, { engine: stub as Engine, catalog });
      texts.push(...hits.map(({ text }) => text));
    }
    expect(texts.sort()).toEqual([0, 2, 4, 6, 8].map((number) => `picture ${number}`));
  } finally {
    await catalog.close();
    await rm(folder, { recursive: true, force: true });
  }
});
