// Pages of an index that misses among few what it finds among more: together they are every hit, once. The engine is
// made up: it ranks pictures by their number.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openCatalog } from '#catalog';
import type { Engine } from '#engine';
import { search } from '#search';
import { fillLibrary } from '../../scripts/bench/library';

const PICTURES = 700;

it('show every picture once, whatever their length', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'bifocal-pages-'));
  const catalog = await openCatalog(path.join(folder, 'bifocal.db'));
  try {
    const model = { fingerprint: 'f', name: 'made up', folder, dimension: 1 };
    const known = await catalog.models.register(model);
    const one = Float32Array.of(1);
    const vectors = new Float32Array(PICTURES).fill(1);
    await fillLibrary(catalog, known, { vectors, queries: one, dimension: 1 });
    const indexed = { image: PICTURES, text: 0 };
    const method = { image: 'hnsw', text: 'hnsw' } as const;
    const stub: Partial<Engine> = {
      status: () => Promise.resolve({ state: 'ready', model, indexed, method }),
      encodeTexts: (texts) => Promise.resolve(texts.map(() => one)),
      search: ({ k }) => {
        const all = Array.from({ length: PICTURES }, (_, n) => ({ id: n + 1, score: 1 - n / 1e3 }));
        // Every ninth is found only among more than would have to be looked at.
        return Promise.resolve(all.filter(({ id }) => id % 9 > 0 || k > 1.4 * id).slice(0, k));
      },
    };
    for (const limit of [60, 200]) {
      const seen: number[] = [];
      for (let offset = 0, length = limit; length === limit; offset += limit) {
        const query = { in: 'image', words: 'cat', fused: false, limit, offset } as const;
        const { hits } = await search(query, { engine: stub as Engine, catalog });
        seen.push(...hits.map(({ id }) => id));
        length = hits.length;
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect([limit, seen.length]).toEqual([limit, PICTURES]);
    }
  } finally {
    await catalog.close();
    await rm(folder, { recursive: true, force: true });
  }
});
