// Retrieval figures from ranks: recall@k, mean reciprocal rank and median rank, with intervals.

import type { DualEncoder } from '#model';
import { meanInterval, type Interval } from './bootstrap';
import type { Pair } from '../data/pairs';
import { rankPairs, type DirectionRanks, type Progress, type Ranks } from './ranks';

const CUTS = { r1: 1, r5: 5, r10: 10 } as const;
type Recall = keyof typeof CUTS;

/** Recalls are fractions, ranks count from 1. */
export interface RetrievalFigures {
  r1: number;
  r5: number;
  r10: number;
  mrr: number;
  medianRank: number;
  /** 95 % confidence intervals, by bootstrap over the queries. */
  interval: Record<Recall, Interval>;
  /** The recalls that a random order gives. */
  chance: Record<Recall, number>;
}

export interface Evaluation {
  /** Pictures. */
  pairs: number;
  /** Mean of recall@1, 5 and 10 of both directions: one number to choose by. */
  meanRecall: Estimate;
  textToImage: RetrievalFigures;
  imageToText: RetrievalFigures;
}

export interface Estimate {
  value: number;
  interval: Interval;
}

/** Differences after − before of the same queries. */
export interface Difference {
  meanRecall: Estimate;
  textToImage: Record<Recall, Estimate>;
  imageToText: Record<Recall, Estimate>;
}

function perRecall<T>(make: (cut: number) => T): Record<Recall, T> {
  return { r1: make(CUTS.r1), r5: make(CUTS.r5), r10: make(CUTS.r10) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** 1 for each query with a right answer among its first `cut`, else 0. */
function hits(ranks: readonly number[], cut: number): number[] {
  return ranks.map((rank) => (rank <= cut ? 1 : 0));
}

/** For each query, the mean of its hits at 1, 5 and 10. */
function meanHits({ ranks }: DirectionRanks): number[] {
  const cuts = Object.values(CUTS);
  return ranks.map((rank) => cuts.filter((cut) => rank <= cut).length / cuts.length);
}

/** 1 − C(n − m, k) / C(n, k): the chance that k of n candidates hold one of m right ones. */
function chanceOf(candidates: number, relevant: number, cut: number): number {
  let missed = 1;
  for (let draw = 0; draw < Math.min(cut, candidates); draw++) {
    missed *= Math.max(0, candidates - relevant - draw) / (candidates - draw);
  }
  return 1 - missed;
}

function chanceRecall({ relevant, candidates }: DirectionRanks, cut: number): number {
  return mean(relevant.map((count) => chanceOf(candidates, count, cut)));
}

function figures(direction: DirectionRanks): RetrievalFigures {
  const { ranks } = direction;
  return {
    ...perRecall((cut) => mean(hits(ranks, cut))),
    mrr: mean(ranks.map((rank) => 1 / rank)),
    medianRank: median(ranks),
    interval: perRecall((cut) => meanInterval([hits(ranks, cut)])),
    chance: perRecall((cut) => chanceRecall(direction, cut)),
  };
}

function estimate(groups: number[][]): Estimate {
  return { value: mean(groups.map(mean)), interval: meanInterval(groups) };
}

/** Of each direction, for each query the mean of its hits at 1, 5 and 10. */
export function queryRecalls({ textToImage, imageToText }: Ranks): [number[], number[]] {
  return [meanHits(textToImage), meanHits(imageToText)];
}

/** Mean of recall@1, 5 and 10 of both directions. */
export function meanRecall(ranks: Ranks): number {
  return mean(queryRecalls(ranks).map(mean));
}

export function summarize(ranks: Ranks): Evaluation {
  const { textToImage, imageToText } = ranks;
  return {
    pairs: imageToText.ranks.length,
    meanRecall: estimate(queryRecalls(ranks)),
    textToImage: figures(textToImage),
    imageToText: figures(imageToText),
  };
}

function subtract(after: readonly number[], before: readonly number[]): number[] {
  return after.map((value, index) => value - before[index]!);
}

/** How the figures changed, with paired intervals. Both rankings are of the same pairs. */
export function difference(before: Ranks, after: Ranks): Difference {
  const directions = ['textToImage', 'imageToText'] as const;
  const recalls = (direction: (typeof directions)[number]) =>
    perRecall((cut) =>
      estimate([subtract(hits(after[direction].ranks, cut), hits(before[direction].ranks, cut))]),
    );
  return {
    meanRecall: estimate(
      directions.map((direction) =>
        subtract(meanHits(after[direction]), meanHits(before[direction])),
      ),
    ),
    textToImage: recalls('textToImage'),
    imageToText: recalls('imageToText'),
  };
}

/** Whether the mean recall cannot be told from that of a random order. */
export function isAtChance(ranks: Ranks): boolean {
  const cuts = Object.values(CUTS);
  const chance = mean(
    [ranks.textToImage, ranks.imageToText].flatMap((direction) =>
      cuts.map((cut) => chanceRecall(direction, cut)),
    ),
  );
  return summarize(ranks).meanRecall.interval[0] <= chance;
}

/** Retrieval figures of `encoder` on `pairs`: see rankPairs. */
export async function evaluate(
  encoder: DualEncoder,
  pairs: Pair[],
  onProgress?: Progress,
): Promise<Evaluation> {
  return summarize((await rankPairs(encoder, pairs, onProgress)).ranks);
}
