// One suite over both vector indexes: what VectorIndex promises, whichever way it is kept.

import { describe, expect, it } from 'vitest';
import { createExactIndex, createHnswIndex, IdSet } from '#vectors';
import { Random } from '#random';
import { clustered, cosine, range, ranking, recall, rowOf } from './data';

const dimension = 24;
const kinds = [
  ['exact', createExactIndex],
  ['hnsw', createHnswIndex],
] as const;

describe.each(kinds)('%s index', (kind, create) => {
  const vectors = clustered(1, 600, dimension);
  const filled = () => {
    const index = create({ dimension });
    index.add(range(600), vectors);
    return index;
  };
  const idsFound = async (found: Promise<{ id: number }[]>) => (await found).map(({ id }) => id);

  it('says what it is and what it holds', () => {
    const index = filled();
    expect(index.kind).toBe(kind);
    expect(index.dimension).toBe(dimension);
    expect(index.size).toBe(600);
    expect([...index.ids()].sort((a, b) => a - b)).toEqual(range(600));
    expect([index.has(599), index.has(600)]).toEqual([true, false]);
  });

  it('finds the neighbours that sorting all cosines finds, with their cosine', async () => {
    const index = filled();
    const queries = range(50).map((row) => rowOf(clustered(2, 50, dimension), dimension, row));
    const found = await Promise.all(queries.map((query) => index.search(query, 10)));
    const truth = queries.map((query) => ranking(query, vectors, dimension).slice(0, 10));
    expect(
      recall(
        found.map((hits) => hits.map(({ id }) => id)),
        truth,
      ),
    ).toBeGreaterThanOrEqual(kind === 'exact' ? 1 : 0.99);
    for (const [q, hits] of found.entries()) {
      expect(hits).toHaveLength(10);
      for (const { id, score } of hits) {
        expect(score).toBeCloseTo(cosine(queries[q]!, rowOf(vectors, dimension, id)), 5);
      }
      const scores = hits.map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
    }
  });

  it('orders equal scores by id', async () => {
    const index = create({ dimension: 2 });
    index.add([7, 3, 5, 9], Float32Array.of(1, 0, 2, 0, 4, 0, 0, 1));
    expect(await index.search(Float32Array.of(3, 0), 4)).toEqual([
      { id: 3, score: 1 },
      { id: 5, score: 1 },
      { id: 7, score: 1 },
      { id: 9, score: 0 },
    ]);
  });

  it('answers with all there is when asked for more', async () => {
    const index = filled();
    const found = index.search(rowOf(vectors, dimension, 0), 10_000);
    expect((await idsFound(found)).sort((a, b) => a - b)).toEqual(range(600));
  });

  it('answers nothing for k = 0, for an empty index and for an empty filter', async () => {
    const query = rowOf(vectors, dimension, 0);
    expect(await filled().search(query, 0)).toEqual([]);
    expect(await filled().search(query, 5, { within: new IdSet([]) })).toEqual([]);
    expect(await create({ dimension }).search(query, 5)).toEqual([]);
  });

  it('answers exactly within a set of ids, ignoring ids that it does not hold', async () => {
    const within = new IdSet([...range(60).map((i) => i * 10), 100_000]);
    const query = rowOf(clustered(3, 1, dimension), dimension, 0);
    const truth = ranking(query, vectors, dimension).filter((id) => within.has(id));
    const index = filled();
    expect(await idsFound(index.search(query, 7, { within }))).toEqual(truth.slice(0, 7));
    expect(await idsFound(index.search(query, 600, { within }))).toEqual(truth);
  });

  it('does not find what was removed, and finds it again when it comes back', async () => {
    const index = filled();
    const query = rowOf(vectors, dimension, 42);
    index.remove([42, 43, 43, 12_345]);
    expect(index.size).toBe(598);
    expect(index.has(42)).toBe(false);
    expect(await idsFound(index.search(query, 598))).not.toContain(42);
    expect(await index.search(query, 5, { within: new IdSet([42]) })).toEqual([]);
    index.add([42], query);
    expect(index.size).toBe(599);
    expect((await index.search(query, 1))[0]!.id).toBe(42);
  });

  it('keeps finding after most of it was removed, in one go and in many', async () => {
    const index = filled();
    index.remove(range(100));
    for (let id = 100; id < 550; id += 10) index.remove(range(10, id));
    expect(index.size).toBe(50);
    const query = rowOf(clustered(4, 1, dimension), dimension, 0);
    const truth = ranking(query, vectors, dimension).filter((id) => id >= 550);
    expect(await idsFound(index.search(query, 50))).toEqual(truth);
  });

  it('becomes empty and starts over', async () => {
    const index = filled();
    index.remove(range(600));
    expect([index.size, await index.search(rowOf(vectors, dimension, 0), 3)]).toEqual([0, []]);
    index.add([5], rowOf(vectors, dimension, 0));
    expect(await index.search(rowOf(vectors, dimension, 0), 3)).toHaveLength(1);
  });

  it('replaces the vector of an id that is added again', async () => {
    const index = filled();
    const other = clustered(5, 600, dimension);
    index.add(range(600), other);
    expect(index.size).toBe(600);
    const queries = range(50).map((row) => rowOf(clustered(6, 50, dimension), dimension, row));
    const truth = queries.map((query) => ranking(query, other, dimension).slice(0, 10));
    const found = await Promise.all(queries.map((query) => idsFound(index.search(query, 10))));
    expect(recall(found, truth)).toBeGreaterThanOrEqual(kind === 'exact' ? 1 : 0.95);
  });

  it('answers many at once as it answers each alone', async () => {
    const index = filled();
    const ask = (n: number) => {
      const query = rowOf(clustered(9, 40, dimension), dimension, n);
      const within = n % 3 === 0 ? new IdSet(range(200).map((i) => 3 * i)) : undefined;
      return index.search(query, 1 + (n % 20), { within });
    };
    const together = await Promise.all(range(40).map(ask));
    for (const n of range(40)) expect(together[n]).toEqual(await ask(n));
  });

  it('answers for vectors of one number, and for any number of equal ones', async () => {
    const one = create({ dimension: 1 });
    one.add(
      range(300),
      Float32Array.from(range(300), (i) => (i % 2 === 0 ? 1 : -1) * (i + 1)),
    );
    expect(await idsFound(one.search(Float32Array.of(-7), 150))).toEqual(
      range(150).map((i) => 2 * i + 1),
    );
    const equal = create({ dimension: 3 });
    equal.add(range(400).reverse(), new Float32Array(1_200).fill(0.1));
    const found = await equal.search(Float32Array.of(1, 1, 1), 400);
    expect(found.map(({ id }) => id)).toEqual(range(400));
    expect(Math.min(...found.map(({ score }) => score))).toBeCloseTo(1, 6);
    if (kind === 'exact') {
      expect(await idsFound(equal.search(Float32Array.of(1, 1, 1), 5))).toEqual(range(5));
    }
  });

  it('stays right through a long life of additions, removals and returns', async () => {
    const random = new Random(11);
    const index = create({ dimension: 12 });
    const truth = new Map<number, Float32Array>();
    const shares = [];
    for (let step = 0; step < 240; step++) {
      const ids = range(1 + random.below(30)).map(() => random.below(900));
      if (step % 3 === 2) {
        index.remove(ids);
        for (const id of ids) truth.delete(id);
      } else {
        const unique = [...new Set(ids)];
        const added = Float32Array.from({ length: unique.length * 12 }, () => random.normal());
        index.add(unique, added);
        unique.forEach((id, row) => truth.set(id, rowOf(added, 12, row)));
      }
      const query = Float32Array.from({ length: 12 }, () => random.normal());
      const within = step % 2 === 0 ? undefined : new IdSet(range(900).filter((id) => id % 7 < 4));
      const expected = [...truth]
        .filter(([id]) => within?.has(id) ?? true)
        .sort(([a, x], [b, y]) => cosine(query, y) - cosine(query, x) || a - b)
        .slice(0, 10)
        .map(([id]) => id);
      const found = await idsFound(index.search(query, 10, { within }));
      expect(found.every((id) => truth.has(id) && (within?.has(id) ?? true))).toBe(true);
      expect([index.size, found.length]).toEqual([truth.size, expected.length]);
      if (kind === 'exact') expect(found).toEqual(expected);
      shares.push(recall([found], [expected]));
    }
    expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeGreaterThan(0.98);
  });

  it('takes ids up to 2³² − 1', async () => {
    const index = create({ dimension: 2 });
    index.add([0, 4_294_967_295], Float32Array.of(1, 0, 0, 1));
    expect(await index.search(Float32Array.of(0, 1), 1)).toEqual([{ id: 4_294_967_295, score: 1 }]);
  });

  it.each([
    [
      'a vector too short',
      [1],
      new Float32Array(dimension - 1).fill(1),
      /need 1 × 24 numbers, got 23/,
    ],
    ['a number that is NaN', [1], new Float32Array(dimension).fill(NaN), /id 1 .* not finite/],
    ['an infinite number', [1], new Float32Array(dimension).fill(Infinity), /id 1 .* not finite/],
    ['a zero vector', [1], new Float32Array(dimension), /id 1 is all zeros/],
    ['a negative id', [-1], new Float32Array(dimension).fill(1), /-1 is no id/],
    ['an id beyond 32 bits', [2 ** 32], new Float32Array(dimension).fill(1), /4294967296 is no id/],
    ['a broken id', [1.5], new Float32Array(dimension).fill(1), /1.5 is no id/],
  ])('refuses %s and adds nothing', (_, ids, vector, message) => {
    const index = create({ dimension });
    const good = new Float32Array(dimension).fill(1);
    expect(() => index.add([0, ...ids], Float32Array.of(...good, ...vector))).toThrow(
      vector.length === dimension ? message : /need 2 × 24 numbers, got 47/,
    );
    expect(() => index.add(ids, vector)).toThrow(message);
    expect(index.size).toBe(0);
  });

  it.each([
    [
      'of another dimension',
      new Float32Array(dimension + 1).fill(1),
      1,
      /has 25 numbers.* dimension 24/,
    ],
    ['with NaN', new Float32Array(dimension).fill(NaN), 1, /query .*not finite/],
    ['of zeros', new Float32Array(dimension), 1, /query is all zeros/],
    ['for −1 neighbours', new Float32Array(dimension).fill(1), -1, /k is -1/],
    ['for 1.5 neighbours', new Float32Array(dimension).fill(1), 1.5, /k is 1.5/],
  ])('refuses a query %s', async (_, query, k, message) => {
    await expect(filled().search(query, k)).rejects.toThrow(message);
  });

  it.each([0, -1, 2.5, NaN])('refuses a dimension of %s', (wrong) => {
    expect(() => create({ dimension: wrong })).toThrow(/dimension of/);
  });
});

describe('hnsw against exact', () => {
  it('recalls at least 0.95 of the ten nearest among 8,000 clustered vectors', async () => {
    const [count, width] = [8_000, 64];
    const vectors = clustered(7, count, width, 200);
    const [hnsw, exact] = [createHnswIndex, createExactIndex].map((create) => {
      const index = create({ dimension: width });
      for (let first = 0; first < count; first += 1_000) {
        index.add(range(1_000, first), vectors.slice(first * width, (first + 1_000) * width));
      }
      return index;
    });
    const queries = range(200).map((row) => rowOf(clustered(8, 200, width, 200), width, row));
    const ids = (index: typeof hnsw) =>
      Promise.all(
        queries.map(async (query) => (await index!.search(query, 10)).map(({ id }) => id)),
      );
    const [found, truth] = [await ids(hnsw), await ids(exact)];
    expect(recall(found, truth)).toBeGreaterThanOrEqual(0.95);
  });

  it('still answers k = size when many vectors are the same', async () => {
    const index = createHnswIndex({ dimension: 4 });
    index.add(range(500), new Float32Array(2_000).fill(1));
    index.add([500], Float32Array.of(1, -1, 0, 0));
    expect(await index.search(Float32Array.of(1, -1, 0, 0), 501)).toHaveLength(501);
  });
});
