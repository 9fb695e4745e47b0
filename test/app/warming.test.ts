// What the server measures before anybody searches: by the model that serves, and by the one that takes over from it.
import { expect, it, vi } from 'vitest';
import type { Catalog } from '#catalog';
import type { Engine } from '#engine';
import { warmServer } from '../../app/_server/warming';

it('measures again for a model that has taken over', async () => {
  let serving = 'first';
  const encoded: (string | undefined)[] = [];
  const engine = {
    status: () => Promise.resolve({ model: { fingerprint: serving } }),
    encodeTexts: (texts: string[], model?: string) => {
      encoded.push(model);
      return Promise.resolve(texts.map(() => Float32Array.of(1, 0)));
    },
    countPieces: (texts: string[]) => Promise.resolve(texts.map(() => 1)),
    background: () => Promise.resolve(new Float32Array(100)),
  } as unknown as Engine;
  const catalog = Promise.resolve({ version: () => 1 } as unknown as Catalog);
  // Where the routes share them.
  Object.assign((globalThis as unknown as { bifocal: object }).bifocal, { engine, catalog });

  void warmServer();
  await vi.waitFor(() => expect(encoded).toEqual(['first']));
  serving = 'second';
  await vi.waitFor(() => expect(encoded).toEqual(['first', 'second']), 5_000);
});
