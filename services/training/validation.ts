// Validation during a run: recall of the weights as they are, the best of them kept, signs of trouble.

import { rm } from 'node:fs/promises';
import type { ModelFolder } from '#model';
import { Random } from '#random';
import { saveCheckpoint, weightsOf } from './checkpoint';
import type { Course } from './course';
import { summarize, type Evaluation } from './evaluation/evaluate';
import { exportModel } from './export';
import { rankFolder, type MeasureOptions } from './evaluation/measure';
import type { Pair } from './data/pairs';
import { LOGIT_SCALE } from './tower/parameters';
import type { RunFolder, RunSettings } from './run';
import { spreadOf, type Spread } from './evaluation/spread';
import type { StateValues } from './step/stepper';

/** Validations of a run at most, where it is not told how many. */
const VALIDATIONS = 10;

/** Pictures that are looked at during a run; all of them are after it. */
const PICTURES = 1000;

/** Embeddings have collapsed when their mean cosine is above this. */
const ALIKE = 0.95;

/** … or when their effective rank is below this share of what their number and width allow. */
const RANK_SHARE = 0.02;

type Recalls = Record<'r1' | 'r5' | 'r10', number>;

/** A row of validation.jsonl. */
export interface ValidationRow {
  step: number;
  /** Mean of recall@1, 5 and 10 of both directions: what the best is chosen by. */
  meanRecall: number;
  textToImage: Recalls;
  imageToText: Recalls;
  imageSpread: Spread;
  textSpread: Spread;
  /** Factor on cosines. */
  logitScale?: number;
}

function recalls({ r1, r5, r10 }: Evaluation['textToImage']): Recalls {
  return { r1, r5, r10 };
}

const highestOf = (rows: readonly ValidationRow[]) =>
  Math.max(...rows.map(({ meanRecall }) => meanRecall));

/**
 * The last validation that fell below the highest by no more than its standard error, over so many pictures (the rule
 * of one standard error, Breiman et al. 1984): twenty pictures cannot tell .65 from .58, and later weights, at a
 * lower rate, are the better guess.
 */
export function lastOfBest(
  rows: readonly ValidationRow[],
  pictures: number,
): ValidationRow | undefined {
  const highest = highestOf(rows);
  const error = Math.sqrt((highest * (1 - highest)) / pictures);
  return rows.findLast(({ meanRecall }) => meanRecall >= highest - error);
}

/** What a spread says about `count` embeddings of `width` numbers; `undefined` where all is well. */
function collapse(kind: string, { cosine, rank }: Spread, count: number, width: number) {
  const low = Math.max(2, RANK_SHARE * Math.min(count, width));
  if (cosine <= ALIKE && rank >= low) return undefined;
  return (
    `the ${kind} embeddings collapse: mean cosine ${cosine.toFixed(3)}, effective rank ` +
    `${rank.toFixed(1)}; try a lower --lr or a larger --batch-size`
  );
}

/** At most PICTURES of the pairs, the same in every run of the same seed. */
function sample(pairs: Pair[], seed: number): Pair[] {
  if (pairs.length <= PICTURES) return pairs;
  const order = new Random(seed).permutation(pairs.length).subarray(0, PICTURES);
  return [...order].map((index) => pairs[index]!);
}

export class Validation {
  /** Steps between two validations. */
  private readonly every: number;
  private readonly pairs: Pair[];

  private constructor(
    private readonly run: RunFolder,
    private readonly base: ModelFolder,
    private readonly course: Course,
    private readonly patience: number,
    private readonly options: MeasureOptions,
    settings: RunSettings,
    pairs: Pair[],
    /** By step. */
    readonly rows: ValidationRow[],
  ) {
    const sparse = Math.max(course.batches.stepsPerEpoch, Math.ceil(course.steps / VALIDATIONS));
    this.every = settings.evaluateEvery ?? sparse;
    this.pairs = sample(pairs, settings.seed);
  }

  /** With no pairs, validation is never due. A run that goes on finds its rows in its folder. */
  static async open(
    run: RunFolder,
    settings: RunSettings,
    base: ModelFolder,
    course: Course,
    pairs: Pair[],
    options: MeasureOptions,
  ): Promise<Validation> {
    const rows = await run.rows<ValidationRow>('validation.jsonl');
    const patience = settings.patience ?? Infinity;
    return new Validation(run, base, course, patience, options, settings, pairs, rows);
  }

  /** Whether the weights after `step` steps are to be measured and have not been. */
  due(step: number): boolean {
    if (this.pairs.length === 0 || step === 0) return false;
    if (this.rows.some((row) => row.step === step)) return false;
    return step % this.every === 0 || step === this.course.steps;
  }

  /** The validation whose weights are taken. */
  get best(): ValidationRow | undefined {
    return lastOfBest(this.rows, this.pairs.length);
  }

  /** Whether the last `patience` validations brought nothing better. */
  get exhausted(): boolean {
    const highest = highestOf(this.rows);
    const first = this.rows.findIndex(({ meanRecall }) => meanRecall === highest);
    return this.rows.length - 1 - first >= this.patience;
  }

  /** Measures, adds the row, keeps the weights if they are the best. Returns it with warnings. */
  async measure(
    step: number,
    values: StateValues,
  ): Promise<{ row: ValidationRow; warnings: string[] }> {
    await exportModel(this.base, this.course.exported(values), this.run.trial);
    const { ranks, images, texts } = await rankFolder(this.run.trial, this.pairs, this.options);
    await rm(this.run.trial, { recursive: true });
    const { meanRecall, textToImage, imageToText } = summarize(ranks);
    const logScale = values.get(LOGIT_SCALE.name)?.[0];
    const row: ValidationRow = {
      step,
      meanRecall: meanRecall.value,
      textToImage: recalls(textToImage),
      imageToText: recalls(imageToText),
      imageSpread: spreadOf(images),
      textSpread: spreadOf(texts),
      ...(logScale === undefined ? {} : { logitScale: Math.exp(logScale) }),
    };
    if (lastOfBest([...this.rows, row], this.pairs.length) === row) {
      await saveCheckpoint(this.run.best, step, weightsOf(values));
    }
    await this.run.append('validation.jsonl', row);
    this.rows.push(row);
    const width = images[0]!.length;
    const warnings = [
      collapse('picture', row.imageSpread, images.length, width),
      collapse('text', row.textSpread, texts.length, width),
      this.saturation(logScale),
    ].filter((warning) => warning !== undefined);
    return { row, warnings };
  }

  /** CLIPs often start at the bound: that is no sign of anything. */
  private saturation(logScale = 0): string | undefined {
    const bound = LOGIT_SCALE.bounds![1];
    const near = (value: number) => value >= bound - 1e-3;
    if (!near(logScale) || near(this.base.config.logitScale)) return undefined;
    return 'the logit scale has reached its bound of 100; try a lower --lr-scale';
  }
}
