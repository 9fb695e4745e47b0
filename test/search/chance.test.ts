// The cutoff below which hits are no better than chance, against the same figures worked out by hand.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Catalog, Modality } from '#catalog';
import { openEngine, type Engine } from '#engine';
import { loadDualEncoder } from '#model';
import { search, warmUp, type SearchQuery } from '#search';
import { typicalLimit } from '../../services/search/chance';
import { EVERYDAY_QUERIES } from '../../services/search/everyday';
import { addPictures, makeGallery, type Gallery } from '../engine/gallery';

let gallery: Gallery;
let engine: Engine;

beforeAll(async () => {
  gallery = await makeGallery();
  await addPictures(gallery, 1, 40);
  const { home, encoder, catalog } = gallery;
  engine = await openEngine({ home, encoder, catalog });
  await engine.refresh();
});
afterAll(async () => {
  await engine.close();
  await gallery.remove();
});

function ask(query: Partial<SearchQuery>) {
  const { catalog } = gallery;
  return search({ in: 'image', limit: 100, judged: true, ...query }, { engine, catalog });
}

function stored(modality: Modality): number[][] {
  const { catalog, model } = gallery;
  const ids = catalog.embeddings.searchableIds(model, modality);
  const vectors = catalog.embeddings.vectors(model, modality, ids);
  return ids.map((_, row) => [
    ...vectors.subarray(row * model.dimension, (row + 1) * model.dimension),
  ]);
}

const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

it('does not judge by a handful of pictures', async () => {
  const { cutoff, hits } = await ask({ words: 'cat' });
  expect(cutoff).toBeNull();
  expect(hits.every(({ related }) => related)).toBe(true);
});

it('is what one of a hundred pairs reaches that chance has brought together, or two deviations', async () => {
  await addPictures(gallery, 41, 40);
  await engine.refresh();
  const { encoder } = gallery;
  const everyday = (await encoder.encodeTexts(EVERYDAY_QUERIES)).map((v) => [...v]);
  const others = Array.from({ length: 96 }, (_, n) => everyday[(n * 31) % 98]!);
  const pairs = others.flatMap((query) => stored('image').map((picture) => dot(query, picture)));
  pairs.sort((a, b) => a - b);
  const chance = pairs[Math.floor(0.99 * pairs.length)]!;
  const [vector] = await encoder.encodeTexts(['cat']);
  const own = typicalLimit(stored('image').map((picture) => dot([...vector!], picture)));

  const result = await ask({ words: 'cat' });
  expect(everyday).toHaveLength(98);
  expect(result.cutoff).toBeCloseTo(Math.max(chance, own), 4);
  for (const { score, related } of result.hits) expect(related).toBe(score >= result.cutoff!);
});

it('is known before the first search where it was asked for in good time', async () => {
  const encoded: number[] = [];
  // Others, so that nothing is known of them.
  const watched = Object.create(engine) as Engine;
  watched.encodeTexts = (texts, model) => {
    encoded.push(texts.length);
    return engine.encodeTexts(texts, model);
  };
  const ports = { engine: watched, catalog: Object.create(gallery.catalog) as Catalog };
  await warmUp(ports, gallery.encoder.fingerprint);
  expect(encoded).toEqual([98]);
  const { cutoff } = await search({ in: 'image', words: 'cat', judged: true, limit: 5 }, ports);
  expect(encoded).toEqual([98, 1]);
  expect(cutoff).toBe((await ask({ words: 'cat' })).cutoff);
});

it('takes two robust standard deviations above the median', () => {
  // 101 scores of 0, 1, … 100: the median is 50, the median distance from it 25.
  const scores = Array.from({ length: 101 }, (_, n) => (n * 37) % 101);
  expect(typicalLimit(scores)).toBeCloseTo(50 + 2 * 1.4826 * 25, 9);
  // A few that score high do not move it.
  expect(typicalLimit([...scores, 1e6, 1e6])).toBeLessThan(130);
});

it('leaves nothing of words that the model can only spell', async () => {
  // The gallery's own model spells everything, everyday words too: there it tells nothing.
  expect((await ask({ words: 'qwertyuiop' })).cutoff).toBeLessThan(1);
  const starter = await loadDualEncoder('starter');
  const reads = Object.create(engine) as Engine;
  reads.countPieces = (texts) => Promise.resolve(texts.map((text) => starter.countPieces(text)));
  const asked = async (query: Partial<SearchQuery>) => {
    const wanted = { in: 'image', limit: 100, judged: true, ...query } as const;
    return search(wanted, { engine: reads, catalog: gallery.catalog });
  };
  for (const words of ['qwertyuiop zxcv', 'asdf', '懖擗迥', 'кошка']) {
    const { cutoff, hits } = await asked({ words });
    expect([words, cutoff, hits.some(({ related }) => related)]).toEqual([words, 1, false]);
  }
  for (const words of ['cat', 'tv', '7', 'a slice of pizza', '一只狗', 'Vögel am Meer']) {
    expect([words, (await asked({ words })).cutoff! < 1]).toEqual([words, true]);
  }
  const [picture] = (await ask({ words: 'cat' })).hits;
  const like = [{ item: picture!.itemId }];
  expect((await asked({ words: 'asdf', like })).cutoff).toBeLessThan(1);
  await starter.dispose();
});

it('is not asked for unless wanted', async () => {
  expect((await ask({ words: 'cat', judged: false })).cutoff).toBeNull();
});
