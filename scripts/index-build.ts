// `bifocal index build`: brings the HNSW graphs up to date, measures and saves them, so that no server has to.

import { Command } from 'commander';
import { loadGraphs } from '#engine';
import type { Tuning } from '#vectors';
import { withSources, type IndexSource } from './index-source';
import { pace } from './long-work';
import { jsonOption, Output } from './output';

interface Built {
  modality: string;
  vectors: number;
  /** Vectors that came in and went out; `vectors` if the graph was built anew. */
  added: number;
  removed: number;
  /** What answers, and with which settings; null for so few vectors that it was not measured. */
  tuning: Tuning | null;
  seconds: number;
}

export const build = new Command('build')
  .description('bring the HNSW graphs up to date with the library and save them')
  .option('--anew', 'build from nothing, whatever is saved')
  .addOption(jsonOption())
  .action(async ({ anew, json }: { anew?: boolean; json?: boolean }) => {
    const output = new Output(json === true);
    await withSources(async (sources, model) => {
      const indexes: Built[] = [];
      for (const source of sources) indexes.push(await buildOne(source, anew === true, output));
      output.result({ model: model.name, indexes }, human);
    });
  });

async function buildOne(source: IndexSource, anew: boolean, output: Output): Promise<Built> {
  const { modality } = source;
  const { buildGraph } = await loadGraphs();
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const onProgress = ({ done, total, M }: { done: number; total: number; M: number }) =>
    output.progress(`${modality}: M ${M}: ${pace(done, total, seconds(), 'vectors')}`);
  const { tuning, ...built } = await buildGraph(source, { anew, onProgress });
  return { modality, ...built, tuning: tuning ?? null, seconds: seconds() };
}

function human({ indexes }: { indexes: Built[] }): string {
  if (indexes.length === 0) return 'The library holds no embeddings yet: bifocal ingest FOLDER';
  return indexes
    .map(
      ({ modality, vectors, added, removed, tuning, seconds }) =>
        `${modality}: ${vectors} vectors, ${added} added, ${removed} removed in ${seconds.toFixed(1)} s${settings(tuning)}`,
    )
    .join('\n');
}

function settings(tuning: Tuning | null): string {
  if (!tuning) return '';
  const { method, M, ef, recall } = tuning;
  if (method === 'exact') return '; exact search is the cheaper way to the wanted recall';
  return `; M ${M}, ef ${ef}: recall@10 ${recall.toFixed(3)}`;
}
