// The objective of a run: which losses its settings add up, and what they have to be fed.

import type { Ops } from '#autodiff';
import type { Value } from '#onnx';
import { Tensor } from '#runtime';
import type { Batch, Tensors } from '../data/batch';
import type { Parameter } from '../tower/parameters';
import { rateHead, scaleRate } from '../tower/rates';
import { byol } from './byol';
import { crossModal, type CrossModalOptions } from './cross-modal';
import { siglip } from './siglip';
import type { Embeddings, Extent, Term } from './term';
import { viewContrast } from './views';

type Contrastive = Omit<CrossModalOptions, 'intraModal'>;

/** Losses between pictures and captions; `none` leaves the captions out. */
export const LOSSES = {
  infonce: (options: Contrastive): Term | undefined =>
    crossModal({ ...options, intraModal: false }),
  ntxent: (options: Contrastive): Term | undefined => crossModal({ ...options, intraModal: true }),
  siglip: (): Term | undefined => siglip,
  none: (): Term | undefined => undefined,
};

export type LossName = keyof typeof LOSSES;

/** The settings of a run that decide its objective; run.ts says what each means. */
export interface ObjectiveSettings {
  loss: LossName;
  labelSmoothing?: number | undefined;
  hardNegatives?: number | undefined;
  queue?: number | undefined;
  momentum?: number | undefined;
  similar?: number | undefined;
  selfSupervised?: { kind: 'ntxent' | 'byol'; weight: number } | undefined;
  freeze?: 'image' | 'text' | undefined;
  learningRate?: number;
  rates?: { scale?: number | undefined } | undefined;
}

/** Throws one line where settings contradict each other. */
function check(settings: ObjectiveSettings): void {
  const { loss, selfSupervised, freeze } = settings;
  const flags = { labelSmoothing: '--label-smoothing', hardNegatives: '--hard-negatives' } as const;
  const softmax = loss === 'infonce' || loss === 'ntxent';
  for (const [key, flag] of Object.entries({ ...flags, queue: '--queue' } as const)) {
    if (!softmax && settings[key as keyof typeof flags]) {
      throw new Error(`${flag} needs --loss infonce or ntxent, not ${loss}`);
    }
  }
  if (settings.momentum !== undefined && !settings.queue && selfSupervised?.kind !== 'byol') {
    throw new Error('--momentum averages nothing without --queue or --self-supervised byol');
  }
  if (loss === 'none' && settings.similar !== undefined) {
    throw new Error('--similar goes by captions, which --loss none leaves out');
  }
  if (loss === 'none' && selfSupervised === undefined) {
    throw new Error('--loss none needs --self-supervised ntxent or byol');
  }
  if (selfSupervised !== undefined && freeze === 'image') {
    throw new Error(
      '--self-supervised trains the image tower, which --freeze image keeps as it is',
    );
  }
}

/** What a step minimises. */
export class Objective {
  constructor(
    private readonly terms: { term: Term; weight: number }[],
    /** Whether captions take part; otherwise no text tower runs. */
    readonly text: boolean,
    /** Views of each picture: rows of the image tower. */
    readonly views: 1 | 2,
    /** Past embeddings of each kind that are fed as `queue.image` and `queue.text`. */
    readonly queue: number,
    /** Factor on the learning rate of the scale and the bias. */
    private readonly scaleRate = 1,
  ) {}

  /** Names of what is fed beside embeddings and head. */
  get inputs(): Set<string> {
    return new Set(this.terms.flatMap(({ term }) => Object.keys(term.inputs)));
  }

  /** Whether momentum towers run beside the trained ones. */
  get momentum(): boolean {
    return this.queue > 0 || this.inputs.has('momentum.image');
  }

  /** What is learned beside the towers. */
  head(dimension: number): Parameter[] {
    return this.terms.flatMap(({ term }) => rateHead(term.head(dimension), this.scaleRate));
  }

  /** Appends the loss, a scalar, and declares its inputs: the head and what `feeds` gives. */
  build(ops: Ops, embeddings: Embeddings): Value {
    const [images, dimension] = ops.dims(embeddings.image) as [number, number];
    const texts = embeddings.text === undefined ? 0 : ops.dims(embeddings.text)[0]!;
    const extent: Extent = { images, texts, dimension };
    const values: Record<string, Value> = {};
    const declare = (name: string, dims: number[]) => {
      values[name] ??= ops.b.input(name, 'float32', dims);
    };
    for (const { name, dims } of this.head(dimension)) declare(name, dims);
    for (const { term } of this.terms) {
      for (const [name, dims] of Object.entries(term.inputs)) declare(name, dims(extent));
    }
    const parts = this.terms.map(({ term, weight }) =>
      ops.scale(term.build(ops, embeddings, values), weight),
    );
    return ops.sum(parts);
  }

  /** The tensors of a batch that the loss is fed, no others. */
  feeds({ positives, pictures, extra }: Batch): Tensors {
    const numbers = new Tensor('float32', Float32Array.from(pictures), [pictures.length]);
    const all: Tensors = { ...extra, positives, pictures: numbers };
    return Object.fromEntries([...this.inputs].map((name) => [name, all[name]!]));
  }
}

/** The objective of a run. Throws one line where its settings contradict each other. */
export function buildObjective(settings: ObjectiveSettings): Objective {
  check(settings);
  const { labelSmoothing = 0, hardNegatives = 0, queue = 0, selfSupervised } = settings;
  const pairs = LOSSES[settings.loss]({ labelSmoothing, hardNegatives, queue });
  const terms = pairs === undefined ? [] : [{ term: pairs, weight: 1 }];
  if (selfSupervised !== undefined) {
    const { kind, weight } = selfSupervised;
    terms.push({ term: kind === 'byol' ? byol : viewContrast(pairs !== undefined), weight });
  }
  const views = selfSupervised === undefined ? 1 : 2;
  return new Objective(terms, pairs !== undefined, views, queue, scaleRate(settings));
}
