// Finds the cheapest way to reach a recall: graphs of several shapes are built and searched with
// several ef, and compared with exact search on the same queries.

import { createHnswIndex, type HnswIndex, type HnswSettings } from './hnsw';
import { measureRecall, type Measured } from './recall';
import type { Truth } from './truth';

/** One line of the table: a way to search, and how it did. */
export type Trial = Measured &
  ({ method: 'exact' } | ({ method: 'hnsw'; buildSeconds: number } & HnswSettings));

export interface TuneOptions {
  truth: Truth;
  /** Recall@k to reach. */
  target: number;
  dimension: number;
  /** Vectors that `fill` puts into an empty index. */
  size: number;
  fill: (index: HnswIndex) => Promise<void>;
  /** A graph that has been built already, of the shape to begin with. It becomes the tuner's. */
  built?: HnswIndex;
  /** With this ef, or less, a shape is good enough, and no other is built. Default: all are tried. */
  enoughEf?: number;
  onTrial?: (trial: Trial) => void;
}

export interface TuneResult {
  trials: Trial[];
  chosen: Trial;
  /** The best graph, its ef set; also where exact was chosen, because then it is close. */
  index: HnswIndex;
}

/** More links cost memory and time, and reach what lies in no cluster. */
const shapes = [
  { M: 16, efConstruction: 200 },
  { M: 32, efConstruction: 200 },
];
const efs = [16, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512, 768];

/** What a graph is built with while nothing is known about the vectors. */
export const firstShape = shapes[0]!;

/**
 * Builds one graph a shape: at 100,000 × 512 a minute or two each. The target counts as reached when
 * the measured recall is above it by a standard error, the queries being a sample.
 */
export async function tuneHnsw(options: TuneOptions): Promise<TuneResult> {
  const { truth, target, built, enoughEf = 0, onTrial } = options;
  const perfect: Trial = { method: 'exact', recall: 1, standardError: 0, ms: truth.exactMs };
  onTrial?.(perfect);

  const trials: Trial[] = [perfect];
  let best: { trial: Trial; index: HnswIndex } | undefined;
  const others = shapes.filter(({ M }) => M > (built?.settings.M ?? 0));
  for (const shape of [...(built ? [undefined] : []), ...others]) {
    const started = performance.now();
    const index = shape ? await build(shape, options) : built!;
    const buildSeconds = (performance.now() - started) / 1000;
    const found = await sweep(index, buildSeconds, options);
    trials.push(...found);
    const trial = better(found, target);
    const keep = best === undefined || better([best.trial, trial], target) === trial;
    await (keep ? best?.index : index)?.close();
    if (keep) best = { trial, index };
    if (trial.method === 'hnsw' && trial.ef <= enoughEf && reaches(trial, target)) break;
  }
  const { trial, index } = best!;
  if (trial.method === 'hnsw') index.setEf(trial.ef);
  return { trials, index, chosen: better([perfect, trial], target) };
}

async function build(
  shape: Omit<HnswSettings, 'ef'>,
  { dimension, size, fill }: TuneOptions,
): Promise<HnswIndex> {
  const index = createHnswIndex({ dimension, capacity: size, ...shape });
  await fill(index);
  return index;
}

/** Raises ef until the target is reached. */
async function sweep(
  index: HnswIndex,
  buildSeconds: number,
  { truth, target, onTrial }: TuneOptions,
): Promise<Trial[]> {
  const { queries, neighbours, k } = truth;
  const trials: Trial[] = [];
  for (const ef of efs.filter((ef) => ef >= k)) {
    index.setEf(ef);
    const measured = await measureRecall(index, queries, neighbours, k);
    const { M, efConstruction } = index.settings;
    const trial: Trial = { method: 'hnsw', M, efConstruction, ef, buildSeconds, ...measured };
    trials.push(trial);
    onTrial?.(trial);
    if (reaches(trial, target)) break;
  }
  return trials;
}

/** The fastest that reaches the target; if none does, the one that comes closest. */
function better(trials: readonly Trial[], target: number): Trial {
  return trials.reduce((best, trial) => {
    const [bestReaches, trialReaches] = [reaches(best, target), reaches(trial, target)];
    if (bestReaches !== trialReaches) return trialReaches ? trial : best;
    return (bestReaches ? trial.ms < best.ms : trial.recall > best.recall) ? trial : best;
  });
}

function reaches({ recall, standardError }: Trial, target: number): boolean {
  return recall - standardError >= target || recall === 1;
}
