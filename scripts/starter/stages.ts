// What the starter model is trained on, one thing after another: pure tables and choices of rows.

import type { Row } from './data';

/** How many tokens each of some captions has. */
export type CountTokens = (captions: string[]) => number[];

export interface Stage {
  name: string;
  steps: number;
  /** The rows that it learns from, of all that are trained on. */
  rows: (all: readonly Row[], count: CountTokens) => Row[];
  /** Captions of each picture in a step. */
  captions: number;
  /** Steps over which the learning rate rises. */
  warmup: number;
  /** Steps at the end over which it falls; before, it is constant. */
  decay: number;
}

/** Steps of each stage in the whole recipe. */
const LENGTHS = { drawings: 1562, scenes: 1518, short: 10_250, settle: 2200 };

/** Steps of all stages. */
export const STEPS = Object.values(LENGTHS).reduce((sum, steps) => sum + steps);

/** Half of the captions have fewer tokens, and a step with these takes little more than half the time. */
const SHORT = 8;

/**
 * Drawings as they are, with few captions each; then scenes too; then, longest, all of it with short captions;
 * in the end the longer captions again, while the learning rate falls.
 *
 * @param steps of all stages together.
 */
export function stages(steps: number): Stage[] {
  const share = (name: keyof typeof LENGTHS) =>
    Math.max(1, Math.round((steps * LENGTHS[name]) / STEPS));
  const [second, last] = [share('scenes'), share('settle')];
  return [
    stage('drawings', share('drawings'), drawings, 2, { warmup: 200, decay: 1 }),
    stage('scenes', second, (all) => [...all], 4, { warmup: 50, decay: Math.ceil(second / 2) }),
    stage('short', share('short'), short, 3, { warmup: 100, decay: 1 }),
    stage('settle', last, (all) => [...all], 4, { warmup: 1, decay: last }),
  ];
}

function stage(
  name: string,
  steps: number,
  rows: Stage['rows'],
  captions: number,
  { warmup, decay }: { warmup: number; decay: number },
): Stage {
  return { name, steps, rows, captions, warmup: Math.min(warmup, steps), decay };
}

function drawings(all: readonly Row[]): Row[] {
  return all.filter(({ image }) => image.startsWith('pictures'));
}

/** All rows, with their captions of few tokens. */
function short(all: readonly Row[], count: CountTokens): Row[] {
  const fits = new Map<string, boolean>();
  const captions = [...new Set(all.flatMap((row) => row.captions))];
  count(captions).forEach((tokens, at) => fits.set(captions[at]!, tokens <= SHORT));
  return all
    .map((row) => ({ ...row, captions: row.captions.filter((caption) => fits.get(caption)) }))
    .filter((row) => row.captions.length > 0);
}
