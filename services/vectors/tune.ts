// Finds the cheapest way to reach a recall: graphs of several shapes are built and searched with
// several ef, and compared with exact search on the same queries.

import { createHnswIndex, type HnswIndex, type HnswSettings } from './hnsw';
import { answers, measureRecall, type Measured } from './recall';
import type { Neighbour, VectorIndex } from './types';

/** One line of the table: a way to search, and how it did. */
export type Trial = Measured &
  ({ method: 'exact' } | ({ method: 'hnsw'; buildSeconds: number } & HnswSettings));

export interface TuneOptions {
  /** Holds the vectors; its answers are the truth. */
  exact: VectorIndex;
  queries: Float32Array[];
  /** Recall@k to reach. */
  target: number;
  k: number;
  /** Puts the vectors of `exact` into an empty index. */
  fill: (index: HnswIndex) => Promise<void>;
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

/**
 * Builds one graph a shape: at 100,000 × 512 a minute or two each. The target counts as reached when
 * the measured recall is above it by a standard error, the queries being a sample.
 */
export async function tuneHnsw(options: TuneOptions): Promise<TuneResult> {
  const { exact, queries, k, fill, onTrial } = options;
  await answers(exact, queries.slice(0, 20), k);
  const { found: truth, ms } = await answers(exact, queries, k);
  const perfect: Trial & { method: 'exact' } = { method: 'exact', recall: 1, standardError: 0, ms };
  onTrial?.(perfect);

  const trials: Trial[] = [perfect];
  let best: { trial: Trial; index: HnswIndex } | undefined;
  for (const shape of shapes) {
    const started = performance.now();
    const index = createHnswIndex({ dimension: exact.dimension, capacity: exact.size, ...shape });
    await fill(index);
    const buildSeconds = (performance.now() - started) / 1000;
    const found = await sweep(index, buildSeconds, truth, options);
    trials.push(...found);
    const trial = better(found, options.target);
    const keep = best === undefined || better([best.trial, trial], options.target) === trial;
    await (keep ? best?.index : index)?.close();
    if (keep) best = { trial, index };
  }
  const { trial, index } = best!;
  if (trial.method === 'hnsw') index.setEf(trial.ef);
  return { trials, index, chosen: better([perfect, trial], options.target) };
}

/** Raises ef until the target is reached. */
async function sweep(
  index: HnswIndex,
  buildSeconds: number,
  truth: Neighbour[][],
  { queries, k, target, onTrial }: TuneOptions,
): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const ef of efs.filter((ef) => ef >= k)) {
    index.setEf(ef);
    const measured = await measureRecall(index, queries, truth, k);
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
