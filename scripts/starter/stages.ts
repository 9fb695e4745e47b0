// What the starter model is trained on, one thing after another: pure tables and choices of rows.

import type { Growth } from './grow';
import type { Row } from './rows';

/** How many tokens each of some captions has. */
export type CountTokens = (captions: string[]) => number[];

type Name = keyof typeof LENGTHS;

/** What a stage ends with, or what it began with. */
export type Weights = Name | `start of ${Name}`;

export interface Stage {
  name: Name;
  /** Of what it begins with the mean; random weights where there is none. */
  from: readonly Weights[];
  steps: number;
  /** The rows that it learns from, of all that are trained on. */
  rows: (all: readonly Row[], count: CountTokens) => Row[];
  /** Height and width of its pictures, where they are not as before. */
  side?: number;
  /** What its image tower is, where it is not as before. */
  growth?: Growth;
  augmentation: 'strong' | 'style' | 'warp';
  /** Pairs of a batch that are put together because they are alike. */
  similar: number | undefined;
  /** Captions of each picture in a step. */
  captions: number;
  /** Steps over which the learning rate rises. */
  warmup: number;
  /** Steps at the end over which it falls; before, it is constant. */
  decay: number;
}

/** Steps of each stage in the whole recipe. */
const LENGTHS = {
  drawings: 1562,
  scenes: 1518,
  short: 11_750,
  settle: 2200,
  wide: 2000,
  'settle-wide': 2200,
  similar: 2600,
  'settle-similar': 2000,
  large: 2600,
  'settle-large': 1100,
  grown: 2200,
  'settle-grown': 800,
  'settle-long': 2600,
  'settle-warp': 1100,
};

/** Steps of all stages. */
export const STEPS = Object.values(LENGTHS).reduce((sum, steps) => sum + steps);

/** Half of the captions have fewer tokens, and a step with these takes little more than half the time. */
const SHORT = 8;

/** Steps over which the rate rises, where it does from nothing. */
const WARMUP = 100;

/** A quarter of a batch. */
const SIMILAR = 32;

/** Pixels, where they were 64. */
const LARGE = 96;

/** Four blocks more, and places beside the mean. */
const GROWTH: Growth = { depths: [1, 2, 4], spatial_size: 64 };

/**
 * Drawings as they are, with few captions each; then scenes too; then, longest, all of it with short captions. From
 * there two ways: the longer captions again while the learning rate falls; and icons as well, with other styles of
 * everything, before the same. From the mean of both, everything in batches of what is alike: one of many flags is told
 * from the others where they are in one batch, which random batches hardly have. Of the things' colours the mean knows
 * more than what comes out of that, so that half of each goes on to larger pictures, which small ones were the quick way
 * to (Touvron et al. 2019, "Fixing the train-test resolution discrepancy"). Of the drawings that it was trained on that
 * small a tower found only seven of ten first, of flags, people and clocks half: a deeper one, which sees what is where,
 * goes on from it. What it gains comes while the rate falls, so that it rises and falls twice more: for long, and, since
 * there are few hands that drew a thing, with shapes bent as others would draw them.
 *
 * @param steps of all stages together.
 */
export function stages(steps: number): Stage[] {
  const share = (name: Name) => Math.max(1, Math.round((steps * LENGTHS[name]) / STEPS));
  const stage = (
    name: Name,
    from: Stage['from'],
    rows: Stage['rows'],
    changed: Partial<Stage> = {},
  ): Stage => {
    const own = share(name);
    const usual = {
      captions: 3,
      warmup: WARMUP,
      decay: 1,
      augmentation: 'strong',
      similar: undefined,
      ...changed,
    } as const;
    return { ...usual, name, from, rows, steps: own, warmup: Math.min(usual.warmup, own) };
  };
  const half = Math.ceil(share('scenes') / 2);
  const falling = (name: Name) => ({ captions: 4, warmup: 1, decay: share(name) });
  const risingAndFalling = (name: Name) => ({
    decay: Math.max(1, share(name) - WARMUP),
    similar: SIMILAR / 2,
  });
  return [
    stage('drawings', [], drawings, { captions: 2, warmup: 200 }),
    stage('scenes', ['drawings'], noIcons, { captions: 4, warmup: 50, decay: half }),
    stage('short', ['scenes'], (all, count) => short(noIcons(all), count)),
    stage('settle', ['short'], noIcons, falling('settle')),
    stage('wide', ['short'], short, { augmentation: 'style' }),
    stage('settle-wide', ['wide'], everything, {
      ...falling('settle-wide'),
      augmentation: 'style',
    }),
    stage('similar', ['settle', 'settle-wide'], short, { similar: SIMILAR }),
    stage('settle-similar', ['similar'], everything, {
      ...falling('settle-similar'),
      similar: SIMILAR,
    }),
    stage('large', ['start of similar', 'settle-similar'], short, {
      similar: SIMILAR / 2,
      side: LARGE,
    }),
    stage('settle-large', ['large'], everything, {
      ...falling('settle-large'),
      similar: SIMILAR / 2,
    }),
    stage('grown', ['settle-large'], short, { similar: SIMILAR / 2, growth: GROWTH }),
    stage('settle-grown', ['grown'], everything, {
      ...falling('settle-grown'),
      similar: SIMILAR / 2,
    }),
    stage('settle-long', ['settle-grown'], everything, risingAndFalling('settle-long')),
    stage('settle-warp', ['settle-long'], everything, {
      ...risingAndFalling('settle-warp'),
      captions: 4,
      augmentation: 'warp',
    }),
  ];
}

function everything(all: readonly Row[]): Row[] {
  return [...all];
}

function drawings(all: readonly Row[]): Row[] {
  return all.filter(({ image }) => image.startsWith('pictures'));
}

function noIcons(all: readonly Row[]): Row[] {
  return all.filter(({ image }) => !image.startsWith('icons'));
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
