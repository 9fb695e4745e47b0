// What `bifocal train` prints in the end: recall before and after, the blends tried, what it cost.

import type { Comparison, Estimate, TrainReport } from '#training';
import { table } from './output';

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** A change in points of a hundred, with its interval. */
function change({ value, interval: [low, high] }: Estimate): string {
  const points = (share: number) => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)}`;
  return `${points(value)} (${points(low)} to ${points(high)})`;
}

/** Recalls both ways, before and after, with a 95 % interval of the change. */
function compare(what: string, { before, after, difference }: Comparison): string {
  const rows = (['textToImage', 'imageToText'] as const).flatMap((direction) =>
    (['r1', 'r5', 'r10'] as const).map((recall) => [
      `${direction === 'textToImage' ? 'words → pictures' : 'picture → words'}, recall@${recall.slice(1)}`,
      percent(after[direction].chance[recall]),
      percent(before[direction][recall]),
      percent(after[direction][recall]),
      change(difference[direction][recall]),
    ]),
  );
  return table([
    [`${after.pairs} ${what}`, 'chance', 'before', 'after', 'change (95 % interval)'],
    ...rows,
  ]);
}

function blends({ alpha, reason, trials }: TrainReport['blend']): string {
  const cell = (share?: number) => (share === undefined ? '–' : percent(share));
  const rows = trials.map((trial) => [
    `${trial.alpha}${trial.alpha === alpha ? ' ←' : ''}`,
    cell(trial.validation),
    cell(trial.retention),
    trial.retentionChange === undefined ? '–' : change(trial.retentionChange),
  ]);
  const head = ['share of tuned weights', 'validation', 'retention', 'change of retention'];
  const swept = rows.length === 0 ? '' : `${table([head, ...rows])}\n`;
  return `${swept}weights: ${percent(alpha)} of the tuned, ${percent(1 - alpha)} of the base: ${reason}`;
}

function costs(report: TrainReport): string {
  const { seconds, samplesPerSecond, waiting, peakMemory, checkpointBytes, bestBytes } = report;
  const speed =
    `${seconds.toFixed(0)} s, ${samplesPerSecond.toFixed(1)} samples/s, ${percent(waiting)} of it ` +
    'waiting for data; ';
  const best = bestBytes === null ? '' : `, best weights ${megabytes(bestBytes)}`;
  return (
    `${seconds > 0 ? speed : ''}peak memory ${megabytes(peakMemory)}; ` +
    `checkpoint ${megabytes(checkpointBytes)}${best}`
  );
}

export function describeReport(report: TrainReport): string {
  const { steps, stoppedEarly, loss, best, evaluation, retention, test, blend, model } = report;
  const early = stoppedEarly ? ', stopped early' : '';
  const taken = best === null ? '' : `; best validation after step ${best.step}`;
  return [
    `${steps} steps${early}; loss ${loss.first.toFixed(3)} → ${loss.last.toFixed(3)}${taken}`,
    costs(report),
    ...(evaluation ? [compare('validation pictures', evaluation)] : []),
    ...(retention ? [compare('pictures of the retention set', retention)] : []),
    ...(test ? [compare('test pictures', test)] : []),
    blends(blend),
    `model: ${model}`,
  ].join('\n\n');
}
