// Bootstrap: confidence intervals of means, and which of several means is the highest.

import { Random } from '#random';

/** The bounds of a 95 % confidence interval. */
export type Interval = [low: number, high: number];

const RESAMPLES = 1000;

/** Equal means differ by less, by rounding. */
const EQUAL = 1e-9;

/** As many queries as there are, drawn with repeats. */
function drawQueries(count: number, random: Random): Int32Array {
  const queries = new Int32Array(count);
  for (let draw = 0; draw < count; draw++) queries[draw] = random.below(count);
  return queries;
}

function meanOf(values: ArrayLike<number>, queries: Int32Array): number {
  let sum = 0;
  for (const query of queries) sum += values[query]!;
  return sum / queries.length;
}

/** Each candidate's mean over its groups of their means, all of the same drawn queries. */
function resampledMeans(
  candidates: readonly (readonly ArrayLike<number>[])[],
  random: Random,
): number[] {
  const [first = []] = candidates;
  const drawn = first.map(({ length }) => drawQueries(length, random));
  return candidates.map((groups) => {
    const sum = groups.reduce((total, values, group) => total + meanOf(values, drawn[group]!), 0);
    return sum / groups.length;
  });
}

/**
 * The percentile interval (Efron 1979; Efron and Tibshirani 1993, chapter 13) of the mean over
 * `groups` of each group's mean, from 1,000 resamples. Each group is drawn from by itself: queries of
 * one direction, or the differences of the same queries before and after, which makes it paired. The
 * same groups always give the same interval.
 */
export function meanInterval(groups: readonly ArrayLike<number>[]): Interval {
  const random = new Random(1);
  const resample = () => resampledMeans([groups], random)[0]!;
  const means = Float64Array.from({ length: RESAMPLES }, resample).sort();
  return [means[Math.floor(0.025 * RESAMPLES)]!, means[Math.ceil(0.975 * RESAMPLES) - 1]!];
}

/**
 * In what share of 1,000 resamples of the queries each candidate has the highest mean over its groups; of equal
 * ones each has its part. All candidates answer the same queries: `candidates[c][group][query]`.
 */
export function shareOfBest(candidates: readonly (readonly ArrayLike<number>[])[]): number[] {
  const random = new Random(1);
  const shares = candidates.map(() => 0);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    const means = resampledMeans(candidates, random);
    const highest = Math.max(...means) - EQUAL;
    const best = means.filter((mean) => mean >= highest).length;
    means.forEach((mean, at) => {
      if (mean >= highest) shares[at]! += 1 / (best * RESAMPLES);
    });
  }
  return shares;
}
