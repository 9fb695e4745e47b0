// Which weights a run hands over: between the base model and the tuned one, by measurement.

import { rm } from 'node:fs/promises';
import type { ModelFolder } from '#model';
import { interpolate } from './blend';
import { difference, isAtChance, meanRecall, type Difference } from './evaluation/evaluate';
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
function retains({ retentionChange }: Trial): boolean {
  return retentionChange === undefined || retentionChange.interval[1] >= 0;
}

/**
 * Of the trials that keep the retention set, the one with the highest validation; of equal ones the
 * one that retains most, then the one with most of the tuned weights.
 */
export function choose(trials: Trial[]): { alpha: number; reason: string } {
  const allowed = trials.filter((trial) => trial.alpha === 0 || retains(trial));
  const best = allowed.reduce((a, b) => {
    const gain = (b.validation ?? b.alpha) - (a.validation ?? a.alpha);
    const kept = (b.retention ?? 0) - (a.retention ?? 0);
    return gain > 0 || (gain === 0 && kept >= 0) ? b : a;
  });
  const barred = trials.filter((trial) => !allowed.includes(trial)).map(({ alpha }) => alpha);
  const validation =
    best.validation === undefined
      ? 'no validation to choose by'
      : `the highest mean recall on validation (${percent(best.validation)})`;
  const retention =
    best.retention === undefined
      ? ''
      : ` with ${percent(best.retention)} on the retention set, ` +
        `${percent(trials[0]!.retention!)} before`;
  const excluded =
    barred.length > 0 ? `; from α = ${Math.min(...barred)} on the retention set gets worse` : '';
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
    const barred = trials.findIndex((trial) => trial.alpha > 0 && !retains(trial));
    if (barred < 0) break;
    await attempt((trials[barred - 1]!.alpha + trials[barred]!.alpha) / 2);
  }
  const choice = choose(trials);
  return { ...choice, trials, after: found.get(choice.alpha)! };
}
