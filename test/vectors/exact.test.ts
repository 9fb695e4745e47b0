// The exact index where it is more than comparing all: blocks, rounding to int8, many at once.

import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { Random } from '#random';
import { prepareRows, rowsInBlock } from '#vector-rows';
import { createExactIndex, IdSet, type VectorIndex } from '#vectors';
import { chooseLevels, exactLevels, type Multiply } from '../../services/vectors/saturation';
import { Scan, scanLoose } from '../../services/vectors/scan';
import { cosine, range, recall, rowOf } from './data';

const dimension = 2_048; // 2,048 rows in a block
const count = 5_000;
const random = new Random(1);
const vectors = noise(count * dimension);
const queries = range(6).map(() => noise(dimension));

function noise(length: number): Float32Array {
  return Float32Array.from({ length }, () => random.uniform() - 0.5);
}

function truth(query: Float32Array, ids: number[], k = 10, of = vectors): number[] {
  const scores = new Map(ids.map((id) => [id, cosine(query, rowOf(of, query.length, id))]));
  return ids.sort((a, b) => scores.get(b)! - scores.get(a)! || a - b).slice(0, k);
}

async function found(index: VectorIndex, query: Float32Array, k = 10, within?: IdSet) {
  return (await index.search(query, k, { within })).map(({ id }) => id);
}

describe('several blocks', () => {
  let index: VectorIndex;
  beforeAll(() => {
    index = createExactIndex({ dimension });
    for (let first = 0; first < count; first += 1_000) {
      const rows = vectors.subarray(first * dimension, (first + 1_000) * dimension);
      index.add(range(1_000, first), rows);
    }
  });
  afterAll(() => index.close());

  it('answer as one, alone and at once', async () => {
    const expected = queries.map((query) => truth(query, range(count)));
    expect(await Promise.all(queries.map((query) => found(index, query)))).toEqual(expected);
    expect(await found(index, queries[0]!)).toEqual(expected[0]);
    expect(await found(index, queries[0]!, 300)).toEqual(truth(queries[0]!, range(count), 300));
  });

  it('answer within wide sets and narrow ones', async () => {
    for (const step of [2, 10, 100, 1_000]) {
      const ids = range(count / step).map((i) => i * step + 1);
      const within = new IdSet(ids);
      const expected = queries.map((query) => truth(query, [...ids]));
      const got = queries.map((query) => found(index, query, 10, within));
      expect(await Promise.all(got)).toEqual(expected);
    }
  });

  it('follow removals, half of a block and more, and additions, also while they are scanned', async () => {
    const [query] = queries as [Float32Array];
    index.remove(range(1_500));
    const searches = range(5).map(() => found(index, query, 10));
    index.remove(range(1_000, 1_500));
    for (const ids of await Promise.all(searches)) {
      expect(ids.every((id) => id >= 2_500)).toBe(true);
    }
    const left = range(2_500, 2_500);
    expect(await found(index, query)).toEqual(truth(query, [...left]));
    const within = new IdSet(range(2_600, 2_400));
    expect(await found(index, query, 10, within)).toEqual(truth(query, range(2_500, 2_500)));
    index.add(range(2_500), vectors.subarray(0, 2_500 * dimension));
    expect(await found(index, query)).toEqual(truth(query, range(count)));
    expect(index.size).toBe(count);
  });
});

describe('rows that were prepared elsewhere', () => {
  it('are found as those that were not, before and after their scan is made quick', async () => {
    const block = rowsInBlock(dimension);
    const part = (first: number, n: number) =>
      vectors.subarray(first * dimension, (first + n) * dimension);
    const index = createExactIndex({ dimension });
    for (const first of [0, block]) {
      index.addPrepared(prepareRows(range(block, first), part(first, block), dimension));
    }
    index.add(range(100, 2 * block), part(2 * block, 100));
    index.remove([7, block + 7, 2 * block + 7]);
    const left = range(2 * block + 100).filter((id) => id % block !== 7);
    const expected = queries.map((query) => truth(query, [...left]));
    const answers = () => Promise.all(queries.map((query) => found(index, query)));
    expect(await answers()).toEqual(expected);
    const both = Promise.all([index.compile(), answers()]);
    expect((await both)[1]).toEqual(expected);
    // So many that the last block, which is not full, is made quick too.
    for (let n = 0; n < 20; n++) expect(await found(index, queries[0]!)).toEqual(expected[0]);
    index.add([7], part(7, 1));
    const all = [7, ...left];
    expect(await found(index, queries[0]!)).toEqual(truth(queries[0]!, all));
    await index.close();
  });
});

describe('rounding to int8', () => {
  it('hides no neighbour behind numbers that dwarf the others', async () => {
    const width = 64;
    const rows = Float32Array.from({ length: 3_000 * width }, (_, i) =>
      i % width === 5 ? 8 + random.uniform() : random.uniform() - 0.5,
    );
    const index = createExactIndex({ dimension: width });
    index.add(range(3_000), rows);
    const asked = range(20).map((row) => rowOf(rows, width, row * 7).map((x) => x + 0.1));
    const got = await Promise.all(asked.map((query) => found(index, query)));
    const expected = asked.map((query) => truth(query, range(3_000), 10, rows));
    expect(recall(got, expected)).toBe(1);
    await index.close();
  });

  it('hides no neighbour among a thousand nearly equal ones', async () => {
    const width = 32;
    const centre = noise(width);
    const rows = Float32Array.from({ length: 4_000 * width }, (_, i) =>
      i < 1_000 * width ? centre[i % width]! + 1e-4 * random.normal() : random.normal(),
    );
    const index = createExactIndex({ dimension: width });
    index.add(range(4_000), rows);
    const query = centre.map((x) => x + 1e-3);
    const got = await index.search(query, 10);
    const best = truth(query, range(4_000), 10, rows);
    const worst = cosine(query, rowOf(rows, width, best[9]!));
    for (const { score } of got) expect(score).toBeGreaterThan(worst - 1e-6);
    await index.close();
  });
});

describe('products of bytes', () => {
  /** As vpmaddubsw and vpaddd compute: pairs of products, each sum cut off at 16 bits. */
  const saturating: Multiply = (asked, rows, width) => multiply(asked, rows, width, 32_767);
  const exact: Multiply = (asked, rows, width) => multiply(asked, rows, width, Infinity);

  function multiply(asked: Uint8Array, rows: Int8Array, width: number, limit: number) {
    // What the zero of the queries adds is taken off again, in whole numbers.
    const sums = [];
    for (let q = 0; q < asked.length; q += width) {
      for (let row = 0; row < rows.length; row += width) {
        let sum = 0;
        for (let j = 0; j < width; j += 2) {
          const pair = asked[q + j]! * rows[row + j]! + asked[q + j + 1]! * rows[row + j + 1]!;
          sum += Math.max(-limit - 1, Math.min(limit, pair));
          sum -= 128 * (rows[row + j]! + rows[row + j + 1]!);
        }
        sums.push(sum);
      }
    }
    return Promise.resolve(Float32Array.from(sums));
  }

  it('have 8 bits where the sums are right, and 7 where they saturate', async () => {
    expect(await chooseLevels(exact)).toBe(127);
    expect(await chooseLevels(saturating)).toBe(63);
    expect(2 * (2 * 63 + 1) * 127).toBeLessThanOrEqual(32_767);
  });

  it.each([63, undefined])(
    'are right on this processor, at %s levels or those chosen',
    async (n) => {
      const levels = n ?? (await exactLevels());
      const [width, rows] = [512, 100];
      const bytes = Int8Array.from({ length: rows * width }, () =>
        random.uniform() < 0.5 ? -127 : 127,
      );
      const scales = new Float32Array(rows).fill(1);
      const columns = bytes.map((_, i) => bytes[(i % rows) * width + Math.floor(i / rows)]!);
      const scan = await Scan.open({ columns, scales }, width, levels);
      const bias = new Float32Array(rows);
      for (const batch of [1, 2, 5, 16, 64]) {
        const asked = Uint8Array.from({ length: batch * width }, (_, i) =>
          i < width || random.uniform() < 0.7 ? 2 * levels + 1 : 1,
        );
        const got = await scan.run(asked, bias, rows);
        const same = await scanLoose({ columns, scales }, asked, width, levels, bias, rows);
        expect([same.rows, same.scores]).toEqual([got.rows, got.scores]);
        for (const [i, row] of got.rows.entries()) {
          const q = Math.floor(i / rows);
          let sum = 0;
          for (let j = 0; j < width; j++) {
            sum += (asked[q * width + j]! - levels - 1) * bytes[row * width + j]!;
          }
          expect(got.scores[i]).toBe(sum);
        }
      }
      await scan.close();
    },
  );
});
