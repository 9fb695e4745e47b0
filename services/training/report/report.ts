// The data report: what a run's data is like, what is wrong with it, and what training on it costs.

import { loadTokenizer, type ModelFolder } from '#model';
import type { Device } from '#runtime';
import { AUGMENTATIONS } from '../data/augmentations';
import { paddedLengths } from '../data/open-batches';
import { readSources, splitSources } from '../data/data';
import { settleRate } from '../tower/default-rate';
import { estimate, type Estimate } from './estimate';
import { expectedFalseNegatives, type FalseNegatives } from './false-negatives';
import { findLeakage, type Leakage } from './leakage';
import { joinLooks } from './near';
import type { Pair, Source } from '../data/pairs';
import { describeSet, type SetFacts, type SetReport } from './report-set';
import type { AskedSettings, RunSettings } from '../run';
import { settlePace } from '../settle-pace';
import { decideFlip, type FlipDecision } from '../data/sides';

export interface DataReport {
  /** As they stand in their files. */
  data: SetReport;
  validation: SetReport | null;
  test: SetReport | null;
  retention: SetReport | null;
  /** Pictures on each side, after equal ones are joined and missing ones left out. */
  split: { train: number; validation: number; test: number };
  /** Between what is trained on and what is held out of it; `null` where nothing is. */
  leakage: Leakage | null;
  batch: FalseNegatives & { size: number; stepsPerEpoch: number };
  /** Tokens that captions are padded to. */
  lengths: number[];
  augmentation: string;
  flip: FlipDecision;
  /** `null` where it was not asked for, or the data cannot be trained on. */
  estimate: Estimate | null;
}

export interface ReportOptions {
  /** Decodes every picture: finds those that cannot be, and those that look alike. */
  decode: boolean;
  /** Where steps would run, if costs are to be estimated. */
  cost?: { device: Device; threads: number } | undefined;
  onProgress(done: number, total: number): void;
}

/**
 * Looks at the data of a run. Throws one line where a set cannot be read at all; all else is in the
 * report.
 */
export async function dataReport(
  asked: AskedSettings,
  base: ModelFolder,
  { decode, cost, onProgress }: ReportOptions,
): Promise<DataReport> {
  const sources = await readSources(asked);
  const tokenizer = await loadTokenizer(base);
  const look = (source: Source) => describeSet(source, tokenizer, decode ? onProgress : undefined);
  const data = await look(sources.data);
  const validation = sources.validation && (await look(sources.validation));
  const test = sources.test && (await look(sources.test));
  const retention = sources.retention && (await look(sources.retention));
  const facts = new Map([
    [sources.data, data],
    [sources.validation, validation],
    [sources.test, test],
    [sources.retention, retention],
  ]);
  const split = await splitSources(sources, asked, (source) => facts.get(source)!.files);
  const train = usablePairs(split.train, data);
  const settings = await settleRate(base, settlePace(asked, train.length), train.length);
  const validated = usablePairs(split.validation, validation ?? data);
  const tested = usablePairs(split.test, test ?? data);
  const held = [...validated, ...tested];
  const captions = [...new Set(train.flatMap((pair) => pair.captions))];
  const counts = Int32Array.from(captions, (caption) =>
    Math.min(data.tokens.get(caption)!, tokenizer.contextLength),
  );
  const lengths = paddedLengths(counts, settings, tokenizer);
  const stepsPerEpoch = Math.floor(train.length / settings.batchSize);
  const sets = [data, validation, test].filter((set) => set !== undefined);
  return {
    data: data.report,
    validation: validation?.report ?? null,
    test: test?.report ?? null,
    retention: retention?.report ?? null,
    split: { train: train.length, validation: validated.length, test: tested.length },
    leakage: held.length === 0 ? null : await leakageOf(train, held, sets),
    batch: { size: settings.batchSize, stepsPerEpoch, ...falseNegatives(train, settings, data) },
    lengths,
    augmentation: settings.augmentation,
    flip: flipOf(settings, captions),
    estimate:
      cost === undefined || stepsPerEpoch === 0
        ? null
        : await estimate(base, settings, train, {
            ...cost,
            length: lengths.at(-1)!,
          }),
  };
}

/** Pairs that a step can show. */
function usablePairs(pairs: readonly Pair[], { files, looks }: SetFacts): Pair[] {
  return pairs.filter(
    ({ image }) => files.sizes.has(image) && looks?.unreadable.has(image) !== true,
  );
}

function flipOf({ flip, augmentation }: RunSettings, captions: readonly string[]): FlipDecision {
  if (flip === undefined && AUGMENTATIONS[augmentation].flip === 0) {
    return { flip: false, reason: `augmentation ${augmentation} does not mirror` };
  }
  return decideFlip(captions, flip);
}

function falseNegatives(
  pairs: readonly Pair[],
  { batchSize, captionsPerPicture, loss }: RunSettings,
  { images, alike }: SetFacts,
): FalseNegatives {
  const places = new Map(pairs.map(({ image }, place) => [image, place]));
  const both = alike.flatMap((pair): [number, number][] => {
    const [a, b] = pair.map((at) => places.get(images[at]!));
    return a === undefined || b === undefined ? [] : [[a, b]];
  });
  return expectedFalseNegatives(pairs, batchSize, loss === 'none' ? 0 : captionsPerPicture, both);
}

async function leakageOf(
  train: readonly Pair[],
  held: readonly Pair[],
  sets: readonly SetFacts[],
): Promise<Leakage> {
  const side = (pairs: readonly Pair[]) => ({
    images: pairs.map(({ image }) => image),
    captions: pairs.flatMap(({ captions }) => captions),
  });
  const sizes = new Map(sets.flatMap(({ files }) => [...files.sizes]));
  const looks = sets.every((set) => set.looks)
    ? joinLooks(sets.map((set) => set.looks!))
    : undefined;
  const images = sets.flatMap((set) => set.images);
  return findLeakage(side(train), side(held), sizes, looks && { looks, images });
}
