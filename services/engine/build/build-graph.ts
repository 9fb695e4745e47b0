// Brings a saved HNSW graph up to date with the catalog, and finds out with which settings it reaches
// the wanted recall. For whom it does not matter that its thread is held for minutes.

import {
  createHnswIndex,
  findTruth,
  firstShape,
  readTuning,
  tuneHnsw,
  writeTuning,
  type HnswIndex,
  type Trial,
  type Tuning,
} from '#vectors';
import { batches, fill, sampleQueries, savedGraph, type GraphSource } from './graph-source';

/** Of the ten nearest, the share to find, unless `index tune` was asked for another. */
export const defaultTarget = 0.99;
/** Neighbours whose recall counts. */
const k = 10;
/** Queries that it is measured on. */
const querySample = 200;
/** Vectors that are few enough for any setting to find nearly all. */
export const fewVectors = 1_000;
/** A graph that needs more than this to reach the target has too few links. */
const enoughEf = 256;

export interface BuildOptions {
  /** From nothing, whatever is saved. */
  anew?: boolean;
  onProgress?: (progress: { done: number; total: number; M: number }) => void;
}

export interface Built {
  vectors: number;
  /** Vectors that came in and went out; `vectors` if the graph was built anew. */
  added: number;
  removed: number;
  /** The settings, if they were measured now or before. */
  tuning: Tuning | undefined;
}

/** The graph and its tuning lie in the source's files when this settles. */
export async function buildGraph(source: GraphSource, options: BuildOptions = {}): Promise<Built> {
  const { catalog, model, modality, file } = source;
  const ids = catalog.embeddings.searchableIds(model, modality);
  const known = await readTuning(file);
  const index = await startingPoint(source, ids, known, options.anew === true);
  const wanted = new Set(ids);
  const gone = [...index.ids()].filter((id) => !wanted.has(id));
  index.remove(gone);
  const added = ids.filter((id) => !index.has(id));
  fillReporting(index, source, added, options);
  const outcome = { vectors: ids.length, added: added.length, removed: gone.length };
  if (isMeasured(known, ids.length) || ids.length <= fewVectors) {
    await keep(source, index);
    return { ...outcome, tuning: known };
  }
  return { ...outcome, tuning: await measureAndKeep(source, ids, index, known, options) };
}

/** Whether what was found out of an index of some size still holds at another. */
export function isMeasured(tuning: Tuning | undefined, size: number): boolean {
  return tuning !== undefined && size <= 2 * tuning.size;
}

/** The saved graph, unless it was built otherwise than was chosen, or too little of it would stay. */
async function startingPoint(
  source: GraphSource,
  ids: readonly number[],
  tuning: Tuning | undefined,
  anew: boolean,
): Promise<HnswIndex> {
  const { M, efConstruction } = tuning ?? firstShape;
  const saved = anew ? undefined : await savedGraph(source);
  if (saved) {
    const wanted = new Set(ids);
    const gone = [...saved.ids()].filter((id) => !wanted.has(id)).length;
    const sameShape = saved.settings.M === M && saved.settings.efConstruction === efConstruction;
    if (sameShape && !saved.rebuildsOnRemoving(gone)) {
      if (tuning) saved.setEf(tuning.ef);
      return saved;
    }
    await saved.close();
  }
  const { dimension } = source.model;
  const ef = tuning && { ef: tuning.ef };
  return createHnswIndex({ dimension, capacity: ids.length, M, efConstruction, ...ef });
}

async function measureAndKeep(
  source: GraphSource,
  ids: readonly number[],
  built: HnswIndex,
  known: Tuning | undefined,
  options: BuildOptions,
): Promise<Tuning> {
  const { dimension } = source.model;
  const target = known?.target ?? defaultTarget;
  const queries = sampleQueries(source, querySample);
  const { chosen, index } = await tuneHnsw({
    truth: await findTruth(queries, k, dimension, batches(source, ids)),
    target,
    dimension,
    size: ids.length,
    built,
    enoughEf,
    fill: async (graph) => fillReporting(graph, source, ids, options),
  });
  const tuning = tuningOf(chosen, index, target);
  await keep(source, index, tuning);
  return tuning;
}

/** What was found out, as it is kept. */
export function tuningOf({ method, recall }: Trial, index: HnswIndex, target: number): Tuning {
  const { M, efConstruction, ef } = index.settings;
  return { method, M, efConstruction, ef, recall, target, size: index.size };
}

/** The graph first: a running server that sees the choice finds the graph that belongs to it. */
export async function keep(
  { file, catalog }: GraphSource,
  index: HnswIndex,
  tuning?: Tuning,
): Promise<void> {
  await index.save(file, catalog.id);
  if (tuning) await writeTuning(file, tuning);
  await index.close();
}

function fillReporting(
  index: HnswIndex,
  source: GraphSource,
  ids: readonly number[],
  { onProgress }: BuildOptions,
): void {
  const { M } = index.settings;
  fill(index, source, ids, (done) => onProgress?.({ done, total: ids.length, M }));
}
