// Search over a real model and catalog, against a ranking computed here from the stored embeddings.

import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnknownCollection, type Modality } from '#catalog';
import { openEngine, type Engine } from '#engine';
import { ImageError } from '#model';
import { search, SearchError, type SearchQuery, type SearchResult } from '#search';
import { findHits } from '../../services/search/hits';
import { addPictures, makeGallery, pictureFile, type Gallery } from '../engine/gallery';

let gallery: Gallery;
let engine: Engine;

/** Every fourth picture is also "shared"; pictures 31 to 40 are in a collection. */
const captionsOf = (n: number) => [`picture ${n}`, ...(n % 4 === 0 ? ['shared by some'] : [])];

/** Every second picture is dated, in another order than ids are. */
const takenAtOf = (n: number) =>
  n % 2 === 0 ? new Date(Date.UTC(2024, 0, ((n * 7) % 41) + 1)) : undefined;

beforeAll(async () => {
  gallery = await makeGallery();
  await addPictures(gallery, 1, 30, { captionsOf, takenAtOf });
  await addPictures(gallery, 31, 10, { captionsOf, takenAtOf, collection: 'tens' });
  const { home, encoder, catalog } = gallery;
  engine = await openEngine({ home, encoder, catalog });
  await engine.refresh();
});
afterAll(async () => {
  await engine.close();
  await gallery.remove();
});

function ask(query: Partial<SearchQuery>): Promise<SearchResult> {
  return search({ in: 'image', limit: 10, ...query }, { engine, catalog: gallery.catalog });
}

/** Ids of one modality by cosine to `query`, from the catalog's embeddings. */
function ranked(query: number[], modality: Modality): { id: number; score: number }[] {
  const { catalog, model } = gallery;
  const ids = catalog.embeddings.searchableIds(model, modality);
  const vectors = catalog.embeddings.vectors(model, modality, ids);
  const norm = Math.hypot(...query);
  return ids
    .map((id, row) => {
      const at = row * model.dimension;
      return { id, score: query.reduce((sum, x, i) => sum + x * vectors[at + i]!, 0) / norm };
    })
    .sort((a, b) => b.score - a.score);
}

async function wordVector(text: string): Promise<number[]> {
  return [...(await gallery.encoder.encodeTexts([text]))[0]!];
}

async function pictureVector(n: number): Promise<number[]> {
  return [...(await gallery.encoder.encodeImages([pictureFile(gallery, n)]))[0]!];
}

/** `wanted` of length one, less what each of `unwanted` has at a right angle to it. */
function less(wanted: number[], unwanted: [number[], number][]): number[] {
  const norm = Math.hypot(...wanted);
  const p = wanted.map((x) => x / norm);
  return unwanted.reduce((query, [vector, weight]) => {
    const shared = vector.reduce((sum, x, i) => sum + x * p[i]!, 0);
    return query.map((x, i) => x - weight * (vector[i]! - shared * p[i]!));
  }, p);
}

function expectRanking({ hits }: SearchResult, expected: { id: number; score: number }[]): void {
  expect(hits.map(({ id }) => id)).toEqual(expected.slice(0, hits.length).map(({ id }) => id));
  for (const [i, { score }] of hits.entries()) expect(score).toBeCloseTo(expected[i]!.score, 4);
}

describe('search', () => {
  it('ranks pictures by words', async () => {
    const result = await ask({ words: '  a red cat ' });
    expect(result.hits).toHaveLength(10);
    expectRanking(result, ranked(await wordVector('a red cat'), 'image'));
    expect(result.model).toBe('tiny');
    expect(result.took.encodeMs).toBeGreaterThan(0);
    expect(result.took.searchMs).toBeGreaterThan(0);
  });

  it('finds a picture by itself, given as path or as bytes, with all that is known of it', async () => {
    const file = pictureFile(gallery, 8);
    for (const image of [file, await readFile(file)]) {
      const { hits } = await ask({ image, limit: 3 });
      expect(hits[0]).toEqual({
        id: 8,
        kind: 'image',
        score: expect.closeTo(1, 4) as number,
        related: true,
        matched: ['meaning'],
        itemId: 8,
        sha256: createHash('sha256')
          .update(await readFile(file))
          .digest('hex'),
        path: file,
        width: 48,
        height: 40,
        text: null,
        captions: ['picture 8', 'shared by some'],
        takenAt: takenAtOf(8),
      });
      expect(hits).toHaveLength(3);
    }
  });

  it('finds texts by words, each once, with a picture that carries it', async () => {
    const { hits } = await ask({ words: 'shared by some', in: 'text', limit: 100 });
    expect(hits).toHaveLength(41);
    expect(new Set(hits.map(({ text }) => text)).size).toBe(41);
    expect(hits[0]).toMatchObject({
      kind: 'text',
      text: 'shared by some',
      itemId: 4,
      path: pictureFile(gallery, 4),
      captions: ['picture 4', 'shared by some'],
    });
    expect(hits[0]!.score).toBeCloseTo(1, 4);
    const scores = hits.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  it('fills a page of texts although many captions are the same', async () => {
    const { hits } = await ask({ words: 'shared by some', in: 'text', limit: 5 });
    expect(new Set(hits.map(({ text }) => text)).size).toBe(5);
  });

  it('finds texts by a picture', async () => {
    const result = await ask({ image: pictureFile(gallery, 3), in: 'text', limit: 1 });
    const [best] = ranked(await pictureVector(3), 'text');
    expect(result.hits[0]!.score).toBeCloseTo(best!.score, 4);
  });

  it('averages words and picture', async () => {
    const [a, b] = [await wordVector('a red cat'), await pictureVector(5)];
    const both = a.map((x, i) => x + b[i]!);
    const result = await ask({ words: 'a red cat', image: pictureFile(gallery, 5) });
    expectRanking(result, ranked(both, 'image'));
  });

  it('takes away half of what is not wanted', async () => {
    const [a, b, c] = await Promise.all(['a red cat', 'dog', 'blue'].map(wordVector));
    const without = less(a!, [
      [b!, 0.25],
      [c!, 0.25],
    ]);
    const result = await ask({
      words: 'a red cat',
      not: [{ words: 'dog' }, { words: ' ' }, { words: 'blue' }],
    });
    expectRanking(result, ranked(without, 'image'));
  });

  it('finds more like an item, without the item', async () => {
    const result = await ask({ like: [{ item: 12 }] });
    const others = ranked(await pictureVector(12), 'image').filter(({ id }) => id !== 12);
    expectRanking(result, others);
    expect(result.hits).toHaveLength(10);
    expect((await ask({ like: [{ item: 12 }], limit: 100 })).hits).toHaveLength(39);
  });

  it('goes by the weights of its terms', async () => {
    const [words, dog] = await Promise.all(['a red cat', 'dog'].map(wordVector));
    const [more, away] = await Promise.all([5, 9].map(pictureVector));
    const expected = less(
      words!.map((x, i) => (x + 0.25 * more![i]!) / 1.25),
      [
        [dog!, 0.75],
        [away!, 0.25],
      ],
    );
    const result = await ask({
      words: 'a red cat',
      not: [{ words: 'dog', weight: 1.5 }],
      like: [{ item: 5, weight: 0.25 }],
      unlike: [{ item: 9 }],
      limit: 38,
    });
    expectRanking(
      result,
      ranked(expected, 'image').filter(({ id }) => id !== 5 && id !== 9),
    );
    expect(result.hits).toHaveLength(38);
  });

  it('puts together what looks like the words and what has them in a caption', async () => {
    const near = ranked(await wordVector('shared by some'), 'image');
    const { hits } = await ask({ words: 'shared by some', fused: true, limit: 40 });
    expect(hits).toHaveLength(40);
    const byWords = hits.filter(({ matched }) => matched.includes('caption'));
    expect(byWords.map(({ id }) => id).sort((a, b) => a - b)).toEqual([
      4, 8, 12, 16, 20, 24, 28, 32, 36, 40,
    ]);
    // Ten captions are the same text: whatever their order, two ranks are worth more than one.
    expect(new Set(hits.slice(0, 10).map(({ id }) => id))).toEqual(
      new Set(byWords.map(({ id }) => id)),
    );
    for (const { id, score } of hits) {
      expect(score).toBeCloseTo(near.find((one) => one.id === id)!.score, 4);
    }
    const without = await ask({ words: 'shared', not: [{ words: 'picture 8' }], fused: true });
    expect(without.hits.find(({ id }) => id === 8)?.matched ?? ['meaning']).toEqual(['meaning']);
  });

  it('compares with the query what only its words have found', async () => {
    const { catalog } = gallery;
    const vector = Float32Array.from(await wordVector('shared by some'));
    const near = ranked([...vector], 'image');
    const [last, first] = [near[39]!, near[38]!];
    const model = (await engine.status()).model!.fingerprint;
    const understood = {
      query: { in: 'image' as const, limit: 10 },
      vector,
      model,
      cutoff: Promise.resolve((last.score + first.score) / 2),
      matches: Promise.resolve(
        [last, first].map(({ id }) => ({ itemId: id, captionId: null, field: 'name' as const })),
      ),
    };
    // A graph that finds three and no more.
    const ofThree = { ...engine, search: () => Promise.resolve(near.slice(0, 3)) };
    const hits = await findHits(understood, { engine: ofThree, catalog });
    expect(hits).toHaveLength(5);
    const byWords = (id: number) => hits.find((hit) => hit.id === id)!;
    expect(byWords(last.id)).toMatchObject({ matched: ['name'], related: true });
    expect(byWords(first.id)).toMatchObject({ matched: ['meaning', 'name'], related: true });
    expect(byWords(last.id).score).toBeCloseTo(last.score, 4);
    expect(byWords(first.id).score).toBeCloseTo(first.score, 4);
  });

  it('sorts by date what is related, the undated last', async () => {
    const { hits } = await ask({ words: 'cat', sort: 'newest', limit: 40 });
    expect(hits).toHaveLength(40);
    const pages = await Promise.all(
      [0, 25].map((offset) => ask({ words: 'cat', sort: 'newest', limit: 25, offset })),
    );
    expect(pages.flatMap((page) => page.hits.map(({ id }) => id))).toEqual(
      hits.map(({ id }) => id),
    );
    const times = hits.map(({ takenAt }) => takenAt?.getTime() ?? -Infinity);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(times.filter(Number.isFinite)).toHaveLength(20);
    const dates = Array.from({ length: 20 }, (_, n) => takenAtOf(2 * n + 2)!.getTime());
    const oldest = (await ask({ words: 'cat', sort: 'oldest', limit: 40 })).hits;
    expect(oldest[0]!.takenAt).toEqual(new Date(Math.min(...dates)));
    expect(oldest.at(-1)!.takenAt).toBeNull();
  });

  it('searches within a collection, pictures and texts', async () => {
    const { hits } = await ask({ words: 'cat', filter: { collection: 'tens' }, limit: 100 });
    expect(hits.map(({ id }) => id).sort()).toEqual([31, 32, 33, 34, 35, 36, 37, 38, 39, 40]);
    const texts = await ask({
      words: 'cat',
      filter: { collection: 'tens' },
      in: 'text',
      limit: 100,
    });
    expect(texts.hits).toHaveLength(11);
  });

  it('pages without gaps or repetition', async () => {
    const all = (await ask({ words: 'cat', limit: 40 })).hits.map(({ id }) => id);
    const pages = [];
    for (let offset = 0; offset < 48; offset += 12) {
      pages.push(...(await ask({ words: 'cat', limit: 12, offset })).hits.map(({ id }) => id));
    }
    expect(pages).toEqual(all);
    expect((await ask({ words: 'cat', limit: 10, offset: 1_000 })).hits).toEqual([]);
  });

  it('refuses a query that asks for nothing', async () => {
    await expect(ask({})).rejects.toThrow(SearchError);
    await expect(ask({ words: '   ' })).rejects.toThrow(/nothing to search for/);
    await expect(ask({ not: [{ words: 'dog' }] })).rejects.toThrow(/nothing to search for/);
  });

  it('says what is not there, or no picture', async () => {
    await expect(ask({ like: [{ item: 999 }] })).rejects.toThrow(/no picture 999/);
    await expect(ask({ words: 'cat', filter: { collection: 'none' } })).rejects.toThrow(
      UnknownCollection,
    );
    await expect(ask({ image: Buffer.from('text') })).rejects.toThrow(ImageError);
    await expect(ask({ image: 'package.json' })).rejects.toThrow(/^package\.json: not an image/);
  });

  it('does not show a picture that has gone since it was indexed', async () => {
    const { catalog } = gallery;
    const before = (await ask({ words: 'cat', limit: 100 })).hits.map(({ id }) => id);
    await rm(pictureFile(gallery, 7));
    for await (const page of catalog.files.under(pictureFile(gallery, 7))) {
      await catalog.files.markMissing(page.map(({ id }) => id));
    }
    const after = (await ask({ words: 'cat', limit: 39 })).hits.map(({ id }) => id);
    expect(after).toEqual(before.filter((id) => id !== 7));
  });
});
