// `bifocal index status`: what the vector indexes hold, which method answers and why, and how well.

import { stat } from 'node:fs/promises';
import { Command } from 'commander';
import { loadGraphs } from '#engine';
import { findTruth, measureRecall, readTuning, type HnswIndex, type Tuning } from '#vectors';
import { withSources, type IndexSource } from './index-source';
import { jsonOption, Output } from './output';

/** Neighbours whose recall counts, and queries that it is measured on. */
const k = 10;
const querySample = 100;

interface Status {
  modality: string;
  vectors: number;
  /** What answers queries without a filter, and why. */
  method: 'hnsw' | 'exact';
  reason: string;
  /** null where there is no graph of this library and model. */
  hnsw: Graph | null;
  exactMs: number;
  tuning: Tuning | null;
}

interface Graph {
  M: number;
  efConstruction: number;
  ef: number;
  build: 'tuned' | 'stock';
  /** Vectors of the library that it lacks, and that it holds though they are gone. */
  missing: number;
  outdated: number;
  tombstones: number;
  fileBytes: number;
  /** On a sample of the library, measured now. */
  recall: number;
  queries: number;
  ms: number;
}

export const status = new Command('status')
  .description('show what the indexes hold, which method answers, and its recall on a sample')
  .addOption(jsonOption())
  .action(async ({ json }: { json?: boolean }) => {
    const output = new Output(json === true);
    await withSources(async (sources, model) => {
      const indexes: Status[] = [];
      for (const source of sources) {
        output.progress(`${source.modality}: measuring on ${source.ids.length} vectors`);
        indexes.push(await statusOf(source));
      }
      output.result({ model: model.name, indexes }, human);
    });
  });

async function statusOf(source: IndexSource): Promise<Status> {
  const { modality, ids, file, model } = source;
  const { batches, sampleQueries, savedGraph } = await loadGraphs();
  const queries = sampleQueries(source, querySample);
  const { neighbours, exactMs } = await findTruth(
    queries,
    k,
    model.dimension,
    batches(source, ids),
  );
  const tuning = (await readTuning(file)) ?? null;
  const index = await savedGraph(source);
  if (index && tuning) index.setEf(tuning.ef);
  const hnsw = index
    ? {
        ...(await graphOf(source, index)),
        queries: queries.length,
        ...(await measureRecall(index, queries, neighbours, k)),
      }
    : null;
  await index?.close();
  return { modality, vectors: ids.length, ...methodOf(hnsw, tuning), hnsw, exactMs, tuning };
}

async function graphOf({ ids, file }: IndexSource, index: HnswIndex) {
  const { M, efConstruction, ef } = index.settings;
  const missing = ids.filter((id) => !index.has(id)).length;
  return {
    M,
    efConstruction,
    ef,
    build: index.build,
    missing,
    outdated: index.size - (ids.length - missing),
    tombstones: index.tombstones,
    fileBytes: (await stat(file)).size,
  };
}

function methodOf(
  hnsw: Pick<Graph, 'missing' | 'outdated'> | null,
  tuning: Tuning | null,
): Pick<Status, 'method' | 'reason'> {
  if (tuning?.method === 'exact') {
    return { method: 'exact', reason: 'tuning found HNSW no cheaper at its target' };
  }
  if (!hnsw) return { method: 'exact', reason: 'no graph is saved: bifocal index build' };
  if (hnsw.missing + hnsw.outdated > 0) {
    return { method: 'exact', reason: 'the saved graph lags behind the library' };
  }
  return {
    method: 'hnsw',
    reason: tuning ? `tuned to recall ${tuning.target}` : 'few vectors, not tuned',
  };
}

function human({ indexes }: { indexes: Status[] }): string {
  if (indexes.length === 0) return 'The library holds no embeddings yet: bifocal ingest FOLDER';
  return indexes.map(lines).join('\n');
}

function lines({ modality, vectors, method, reason, hnsw, exactMs }: Status): string {
  const answered = `${modality}: ${vectors} vectors, answered by ${method} (${reason})`;
  const exact = `  exact: ${exactMs.toFixed(3)} ms a query`;
  if (!hnsw) return [answered, exact].join('\n');
  const { M, efConstruction, ef, build, missing, outdated, tombstones, fileBytes } = hnsw;
  return [
    answered,
    `  hnsw:  ${hnsw.ms.toFixed(3)} ms a query, recall@10 ${hnsw.recall.toFixed(3)} on ${hnsw.queries} queries`,
    `         M ${M}, efConstruction ${efConstruction}, ef ${ef}; ${build} build; ${(fileBytes / 1e6).toFixed(1)} MB`,
    `         ${missing} missing, ${outdated} outdated, ${tombstones} tombstones`,
    exact,
  ].join('\n');
}
