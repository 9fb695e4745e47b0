// Bootstrap confidence intervals of means.

import { Random } from '#random';

/** The bounds of a 95 % confidence interval. */
export type Interval = [low: number, high: number];

const RESAMPLES = 1000;

function resampledMean(values: ArrayLike<number>, random: Random): number {
  let sum = 0;
  for (let draw = 0; draw < values.length; draw++) sum += values[random.below(values.length)]!;
  return sum / values.length;
}

/**
 * The percentile interval (Efron 1979; Efron and Tibshirani 1993, chapter 13) of the mean over
 * `groups` of each group's mean, from 1,000 resamples. Each group is drawn from by itself: queries of
 * one direction, or the differences of the same queries before and after, which makes it paired. The
 * same groups always give the same interval.
 */
export function meanInterval(groups: readonly ArrayLike<number>[]): Interval {
  const random = new Random(1);
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    const sum = groups.reduce((total, group) => total + resampledMean(group, random), 0);
    return sum / groups.length;
  }).sort();
  return [means[Math.floor(0.025 * RESAMPLES)]!, means[Math.ceil(0.975 * RESAMPLES) - 1]!];
}
