// Which weights a run hands over: between the base model and the tuned one, by measurement.

import { rm } from 'node:fs/promises';
import type { ModelFolder } from '#model';
import { interpolate } from './blend';
import { shareOfBest } from './evaluation/bootstrap';
import {
  difference,
  isAtChance,
  meanRecall,
  queryRecalls,
  type Difference,
} from './evaluation/evaluate';
import type { Ranks } from './evaluation/ranks';
import { exportModel } from './export';
import {
  measure,
  type MeasuredPairs,
  type MeasureOptions,
  type Measurement,
} from './evaluation/measure';
import type { StateValues } from './step/stepper';

/** Shares of the tuned weights that are tried; 0 is the base, measured before. */
const ALPHAS = [0.25, 0.5, 0.75, 1];

/** Halvings of the gap between the last share that keeps the retention set and the next. */
const REFINEMENTS = 3;

/** One blend, (1 − α) · base + α · tuned, and what it reaches. */
export interface Trial {
  alpha: number;
  /** Mean recalls. */
  validation?: number;
  retention?: number;
  /** Change of the mean recall on the retention set against the base. */
  retentionChange?: Difference['meanRecall'];
}

export interface Choice {
  alpha: number;
  /** Why this one. */
  reason: string;
  trials: Trial[];
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function trialOf(alpha: number, before: Measurement, found: Measurement): Trial {
  const { validation, retention } = found;
  return {
    alpha,
    ...(validation && { validation: meanRecall(validation) }),
    ...(retention && { retention: meanRecall(retention) }),
    ...(retention && { retentionChange: difference(before.retention!, retention).meanRecall }),
  };
}

/** Whether the retention set is not worse than before by more than chance explains. */
function keeps({ alpha, retentionChange }: Trial): boolean {
  return alpha === 0 || retentionChange === undefined || retentionChange.interval[1] >= 0;
}

/**
 * How much of the tuned weights is expected to be best on other pictures than those measured: in each of many
 * resamples of the queries the best share, and the mean of these (bagging, Breiman 1996). Twenty pictures alone choose
 * by chance; where they cannot tell, this is the middle of what was tried.
 */
export function expectedBest(measured: readonly { alpha: number; ranks: Ranks }[]): number {
  const shares = shareOfBest(measured.map(({ ranks }) => queryRecalls(ranks)));
  const mean = measured.reduce((sum, { alpha }, at) => sum + alpha * shares[at]!, 0);
  return Number(mean.toFixed(2));
}

/** Of the trials that keep the retention set, by rising share, the last with no more of the tuned weights than `most`. */
export function choose(trials: readonly Trial[], most: number): Pick<Choice, 'alpha' | 'reason'> {
  const allowed = trials.filter(keeps);
  const best = allowed.findLast(({ alpha }) => alpha <= most)!;
  const barred = trials.find((trial) => !keeps(trial));
  const validation =
    best.validation === undefined
      ? 'no validation to choose by'
      : `the share that is best on resamples of the validation, on average ` +
        `(mean recall ${percent(best.validation)}, ${percent(trials[0]!.validation!)} before)`;
  const retention =
    best.retention === undefined
      ? ''
      : ` with ${percent(best.retention)} on the retention set, ` +
        `${percent(trials[0]!.retention!)} before`;
  const excluded = barred ? `; from α = ${barred.alpha} on the retention set gets worse` : '';
  return { alpha: best.alpha, reason: `${validation}${retention}${excluded}` };
}

function isUntrained({ validation, retention }: Measurement): boolean {
  return [validation, retention].every((ranks) => ranks === undefined || isAtChance(ranks));
}

/**
 * WiSE-FT (Wortsman et al. 2022): measures blends of base and tuned weights and chooses one, with a
 * closer look where the retention set begins to suffer. Where
 * there is nothing to measure on, or the base knows nothing, the tuned weights are taken as they are.
 * The models lie in the folder `trial` meanwhile.
 */
export async function chooseBlend(
  base: ModelFolder,
  weights: { from: StateValues; tuned: StateValues },
  pairs: MeasuredPairs,
  before: Measurement,
  trial: string,
  options: MeasureOptions,
): Promise<Choice & { after: Measurement }> {
  const measureAt = async (alpha: number) => {
    await exportModel(base, interpolate(weights.from, weights.tuned, alpha), trial);
    const found = await measure(trial, pairs, options);
    await rm(trial, { recursive: true });
    return found;
  };
  if (before.validation === undefined && before.retention === undefined) {
    const reason = 'no validation to choose by';
    return { alpha: 1, reason, trials: [], after: {} };
  }
  if (isUntrained(before)) {
    const reason = 'the base does no better than chance, so there is nothing of it to keep';
    return { alpha: 1, reason, trials: [], after: await measureAt(1) };
  }
  const found = new Map<number, Measurement>([[0, before]]);
  const trials = [trialOf(0, before, before)];
  const attempt = async (alpha: number) => {
    found.set(alpha, await measureAt(alpha));
    trials.push(trialOf(alpha, before, found.get(alpha)!));
    trials.sort((a, b) => a.alpha - b.alpha);
  };
  for (const alpha of ALPHAS) await attempt(alpha);
  for (let refinement = 0; refinement < REFINEMENTS; refinement++) {
    const barred = trials.findIndex((trial) => !keeps(trial));
    if (barred < 0) break;
    await attempt((trials[barred - 1]!.alpha + trials[barred]!.alpha) / 2);
  }
  const measured = trials.filter(keeps).flatMap(({ alpha }) => {
    const ranks = found.get(alpha)!.validation;
    return ranks === undefined ? [] : [{ alpha, ranks }];
  });
  const most = measured.length === 0 ? 1 : expectedBest(measured);
  if (!found.has(most)) await attempt(most);
  const choice = choose(trials, most);
  return { ...choice, trials, after: found.get(choice.alpha)! };
}
