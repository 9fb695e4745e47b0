// Linear probe: how well a linear classifier on frozen embeddings tells labels apart.

import type { DualEncoder } from '#model';
import { Random } from '#random';
import { meanInterval, type Interval } from './bootstrap';
import { fit, predict, type Labelled } from './logistic';
import type { Pair } from '../data/pairs';
import { encodePictures, encodeTexts, type Progress } from './ranks';

/** Share of the pictures that the classifier is tested on. */
const TEST = 0.3;

/** Weights of the norm that are tried, on a part of the training pictures. */
const LAMBDAS = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2];

export interface ProbeFigures {
  /** Examples that the classifier was fitted to, and those it was tested on. */
  train: number;
  test: number;
  classes: number;
  /** Share of the test examples that are classified right, with its 95 % interval. */
  accuracy: number;
  interval: Interval;
  /** The share that the most frequent class of the training examples would get. */
  majority: number;
  lambda: number;
}

export interface Probe {
  pictures: ProbeFigures;
  /** Null where captions are the labels. */
  texts: ProbeFigures | null;
  skipped: { image: string; reason: string }[];
}

interface Example {
  vector: Float32Array;
  label: string;
}

interface Split<T> {
  train: T[];
  test: T[];
}

function divide<T>(items: readonly T[], share: number, seed: number): Split<T> {
  const held = Math.max(1, Math.round(items.length * share));
  const order = [...new Random(seed).permutation(items.length)].map((index) => items[index]!);
  return { train: order.slice(held), test: order.slice(0, held) };
}

function mostFrequent(labels: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}

/** 1 for each test example that a classifier of the training examples gets right, else 0. */
async function hits({ train, test }: Split<Example>, lambda: number, threads: number) {
  const names = [...new Set(train.map(({ label }) => label))];
  const numbers = new Map(names.map((name, index) => [name, index]));
  const data: Labelled = {
    rows: train.map(({ vector }) => vector),
    classes: train.map(({ label }) => numbers.get(label)!),
  };
  const classifier = await fit(data, names.length, lambda, threads);
  return test.map(({ vector, label }) => (names[predict(classifier, vector)] === label ? 1 : 0));
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Chooses λ on a part of the training examples, then tests (Radford et al. 2021, appendix A.3). */
async function figures(
  { train, test }: Split<Example>,
  seed: number,
  threads: number,
): Promise<ProbeFigures> {
  const inner = divide(train, TEST, seed);
  let best = { lambda: LAMBDAS[0]!, accuracy: -1 };
  for (const lambda of LAMBDAS) {
    const accuracy = mean(await hits(inner, lambda, threads));
    if (accuracy >= best.accuracy) best = { lambda, accuracy };
  }
  const right = await hits({ train, test }, best.lambda, threads);
  const common = mostFrequent(train.map(({ label }) => label));
  return {
    train: train.length,
    test: test.length,
    classes: new Set([...train, ...test].map(({ label }) => label)).size,
    accuracy: mean(right),
    interval: meanInterval([right]),
    majority: mean(test.map(({ label }) => (label === common ? 1 : 0))),
    lambda: best.lambda,
  };
}

/** The label of a pair: its own, else its only caption. */
function labelOf({ image, label, captions }: Pair): string {
  if (label !== undefined) return label;
  if (captions.length === 1) return captions[0]!;
  throw new Error(`${image} has ${captions.length} captions and no label; which one is it?`);
}

/** Captions of the pairs with the pairs' labels; not those of `known` or that are the label. */
async function textExamples(encoder: DualEncoder, pairs: Pair[], known: ReadonlySet<string>) {
  const labels = new Map(
    pairs.flatMap((pair) => pair.captions.map((caption) => [caption, labelOf(pair)] as const)),
  );
  const captions = [...labels.keys()].filter(
    (caption) => !known.has(caption) && caption !== labels.get(caption),
  );
  const vectors = await encodeTexts(encoder, captions);
  return captions.map((caption, index) => ({
    vector: vectors[index]!,
    label: labels.get(caption)!,
  }));
}

/**
 * Multinomial logistic regression on the embeddings, split by picture. Captions are probed where
 * rows have a `label` beside them; a caption that training pictures have too is not tested. Throws
 * one line where there are too few pictures or only one label.
 */
export async function probe(
  encoder: DualEncoder,
  pairs: Pair[],
  { seed = 0, threads = 0, onProgress = () => {} }: ProbeOptions = {},
): Promise<Probe> {
  const { kept, images, skipped } = await encodePictures(encoder, pairs, (done) =>
    onProgress(done, pairs.length),
  );
  const examples = kept.map((pair, index) => ({
    pair,
    vector: images[index]!,
    label: labelOf(pair),
  }));
  const labels = new Set(examples.map(({ label }) => label));
  if (labels.size < 2) throw new Error('a probe needs two labels at least');
  const { train, test } = divide(examples, TEST, seed);
  if (train.length < 2) throw new Error(`a probe needs more than ${examples.length} pictures`);
  const pictures = await figures({ train, test }, seed, threads);
  if (kept.some(({ label }) => label === undefined)) return { pictures, texts: null, skipped };

  const [seen, unseen] = [train, test].map((part) => part.map(({ pair }) => pair));
  const known = new Set(seen!.flatMap(({ captions }) => captions));
  const texts: Split<Example> = {
    train: await textExamples(encoder, seen!, new Set()),
    test: await textExamples(encoder, unseen!, known),
  };
  const enough = texts.test.length > 0 && texts.train.length > 1;
  return { pictures, texts: enough ? await figures(texts, seed, threads) : null, skipped };
}

export interface ProbeOptions {
  seed?: number;
  threads?: number;
  onProgress?: Progress;
}
