// Figures, intervals, spread and the choice of a blend against formulas and enumerations.

import { describe, expect, test } from 'vitest';
import { Random } from '#random';
import { meanInterval, shareOfBest } from '../../services/training/evaluation/bootstrap';
import { choose, expectedBest, type Trial } from '../../services/training/choice';
import {
  difference,
  isAtChance,
  meanRecall,
  summarize,
} from '../../services/training/evaluation/evaluate';
import type { Ranks } from '../../services/training/evaluation/ranks';
import { effectiveRank, eigenvalues, spreadOf } from '../../services/training/evaluation/spread';

function ranksOf(textToImage: number[], imageToText: number[], candidates = 100): Ranks {
  const direction = (ranks: number[]) => ({ ranks, relevant: ranks.map(() => 1), candidates });
  return { textToImage: direction(textToImage), imageToText: direction(imageToText) };
}

describe('bootstrap', () => {
  test('the interval of a share is that of the normal approximation', () => {
    const values = Array.from({ length: 400 }, (_, index) => (index < 100 ? 1 : 0));
    const half = 1.96 * Math.sqrt((0.25 * 0.75) / 400);
    const [low, high] = meanInterval([values]);
    expect(low).toBeCloseTo(0.25 - half, 2);
    expect(high).toBeCloseTo(0.25 + half, 2);
    expect(meanInterval([values])).toEqual([low, high]);
  });

  test('the share of resamples that a candidate is best in: that of drawing what only it knows', () => {
    const knows = (query: number) => Array.from({ length: 10 }, (_, at) => +(at === query));
    const [first, second] = shareOfBest([[knows(0)], [knows(1)]]);
    // Each is drawn as often as the other.
    expect(first).toBeCloseTo(0.5, 1);
    expect(first! + second!).toBeCloseTo(1);
    const [known, none] = shareOfBest([[knows(0)], [knows(10)]]);
    const never = 0.9 ** 10;
    expect(known).toBeCloseTo(1 - never / 2, 1);
    expect(none).toBeCloseTo(never / 2, 1);
    expect(shareOfBest([[knows(0), knows(3)]])).toEqual([expect.closeTo(1)]);
  });

  test('two groups give the interval of the mean of their means', () => {
    const a = Array.from({ length: 300 }, (_, index) => (index % 3 === 0 ? 1 : 0));
    const b = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? 1 : 0));
    const half = (1.96 / 2) * Math.sqrt((1 / 3) * (2 / 3) * (1 / 300) + 0.25 / 50);
    const [low, high] = meanInterval([a, b]);
    expect(low).toBeCloseTo((1 / 3 + 1 / 2) / 2 - half, 1.5);
    expect(high).toBeCloseTo((1 / 3 + 1 / 2) / 2 + half, 1.5);
  });

  test('what does not vary has no width', () => {
    expect(meanInterval([[1, 1, 1]])).toEqual([1, 1]);
  });
});

describe('figures', () => {
  test('recalls, ranks and their mean', () => {
    const { textToImage, meanRecall: mean } = summarize(ranksOf([1, 3, 7, 20], [1, 1, 12, 50]));
    expect(textToImage).toMatchObject({ r1: 0.25, r5: 0.5, r10: 0.75, medianRank: 5 });
    expect(textToImage.mrr).toBeCloseTo((1 + 1 / 3 + 1 / 7 + 1 / 20) / 4);
    expect(mean.value).toBeCloseTo((0.25 + 0.5 + 0.75 + 0.5 + 0.5 + 0.5) / 6);
    expect(meanRecall(ranksOf([1, 3, 7, 20], [1, 1, 12, 50]))).toBe(mean.value);
  });

  test('chance is the share of all draws that hold a right answer', () => {
    const ranks = ranksOf([1], [1], 12);
    ranks.textToImage.relevant = [3];
    // Of the C(12, 5) = 792 draws of five, C(9, 5) = 126 hold none of three.
    expect(summarize(ranks).textToImage.chance.r5).toBeCloseTo(1 - 126 / 792);
    expect(summarize(ranks).textToImage.chance.r1).toBeCloseTo(3 / 12);
    expect(summarize(ranks).imageToText.chance.r10).toBeCloseTo(10 / 12);
  });

  test('a random order is at chance, a better one is not', () => {
    const random = new Random(2);
    const draw = () => Array.from({ length: 200 }, () => 1 + random.below(100));
    expect(isAtChance(ranksOf(draw(), draw()))).toBe(true);
    const better = draw().map((rank) => Math.ceil(rank / 2));
    expect(isAtChance(ranksOf(better, better))).toBe(false);
  });

  test('differences are of the same queries', () => {
    // Half of the queries swing between runs; five of a hundred are won.
    const before = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 1 : 20));
    const after = before.map((rank, index) => (index % 20 === 1 ? 1 : rank));
    const { textToImage } = difference(ranksOf(before, before), ranksOf(after, after));
    expect(textToImage.r1.value).toBeCloseTo(0.05);
    const half = 1.96 * Math.sqrt((0.05 * 0.95) / 100);
    expect(textToImage.r1.interval[0]).toBeCloseTo(0.05 - half, 1.5);
    expect(textToImage.r1.interval[1]).toBeCloseTo(0.05 + half, 1.5);
  });
});

describe('spread', () => {
  test('eigenvalues of a matrix with known ones', () => {
    // Q diag(1, 4, 9) Qᵀ with a reflection Q = I − 2 v vᵀ, v = (1, 2, 2) / 3.
    const v = [1 / 3, 2 / 3, 2 / 3];
    const q = v.map((x, i) => v.map((y, j) => (i === j ? 1 : 0) - 2 * x * y));
    const matrix = new Float64Array(9);
    [1, 4, 9].forEach((value, k) => {
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 3; j++) matrix[3 * i + j]! += value * q[i]![k]! * q[j]![k]!;
      }
    });
    const found = [...eigenvalues(matrix, 3)].sort((a, b) => a - b);
    [1, 4, 9].forEach((value, k) => expect(found[k]).toBeCloseTo(value, 10));
  });

  test('effective rank is exp of the entropy of the singular values', () => {
    expect(effectiveRank(Float64Array.of(1, 0, 0, 1), 2)).toBeCloseTo(2);
    expect(effectiveRank(Float64Array.of(1, 1, 1, 1), 2)).toBeCloseTo(1);
    // Singular values 3 and 1: shares 3/4 and 1/4.
    const entropy = -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25));
    expect(effectiveRank(Float64Array.of(9, 0, 0, 1), 2)).toBeCloseTo(Math.exp(entropy));
  });

  test('of equal and of orthogonal embeddings', () => {
    const axis = (index: number) => Float32Array.from({ length: 8 }, (_, i) => +(i === index));
    const equal = spreadOf(Array.from({ length: 300 }, () => axis(0)));
    expect(equal.cosine).toBeCloseTo(1);
    expect(equal.rank).toBeCloseTo(1);
    const free = spreadOf(Array.from({ length: 8 }, (_, index) => axis(index)));
    expect(free.cosine).toBeCloseTo(0);
    expect(free.rank).toBeCloseTo(8);
  });
});

describe('the choice of a blend', () => {
  const trial = (alpha: number, validation: number, retention: number, high: number): Trial => ({
    alpha,
    validation,
    retention,
    retentionChange: { value: retention - 0.8, interval: [retention - 0.9, high] },
  });

  /** Of 40 queries each way, how many find their answer first; the others find it nowhere. */
  const found = (alpha: number, first: number) => {
    const ranks = Array.from({ length: 40 }, (_, query) => (query < first ? 1 : 99));
    return { alpha, ranks: ranksOf(ranks, ranks) };
  };

  test('is what is clearly best, and the middle where nothing is', () => {
    expect(expectedBest([found(0, 5), found(0.5, 20), found(1, 40)])).toBe(1);
    expect(expectedBest([found(0, 5), found(0.5, 40), found(1, 20)])).toBe(0.5);
    expect(expectedBest([found(0, 40), found(0.5, 20), found(1, 5)])).toBe(0);
    expect(expectedBest([found(0, 20), found(0.5, 20), found(1, 20)])).toBe(0.5);
  });

  test('one query more of forty is no proof', () => {
    const alpha = expectedBest([found(0.25, 20), found(1, 21)]);
    // The query is drawn in 1 − (39/40)⁴⁰ = 64 % of the resamples of one direction, in 87 % of either.
    expect(alpha).toBeCloseTo(0.13 * (0.25 + 1) * 0.5 + 0.87, 1);
    expect(alpha).toBeLessThan(1);
  });

  test('has no more of the tuned weights than is expected to be best', () => {
    const trials = [0, 0.5, 1].map((alpha) => ({ alpha, validation: 0.5 + alpha / 4 }));
    expect(choose(trials, 1)).toEqual({
      alpha: 1,
      reason: expect.stringMatching(/75\.0 %, 50\.0 % before/),
    });
    expect(choose(trials, 0.5).alpha).toBe(0.5);
    expect(choose(trials, 0).alpha).toBe(0);
  });

  test('never makes the retention set worse than chance explains', () => {
    const trials = [trial(0, 0.5, 0.8, 0), trial(0.5, 0.7, 0.79, 0.01), trial(1, 0.9, 0.6, -0.1)];
    const { alpha, reason } = choose(trials, 1);
    expect(alpha).toBe(0.5);
    expect(reason).toMatch(/from α = 1 on the retention set gets worse/);
    expect(choose([trials[0]!, trials[2]!], 1).alpha).toBe(0);
  });
});
