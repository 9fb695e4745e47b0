// `bifocal index build`: brings the HNSW graphs up to date and saves them, so that no server has to.

import { Command } from 'commander';
import { createHnswIndex, readTuning, type HnswIndex } from '#vectors';
import { fill, savedIndex, withSources, type IndexSource } from './index-source';
import { pace } from './long-work';
import { jsonOption, Output } from './output';

interface Built {
  modality: string;
  vectors: number;
  /** Vectors that came in and went out; `vectors` if the graph was built anew. */
  added: number;
  removed: number;
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
  const { modality, ids, file, catalog } = source;
  const started = performance.now();
  const index = await startingPoint(source, anew);
  const wanted = new Set(ids);
  const removed = [...index.ids()].filter((id) => !wanted.has(id));
  index.remove(removed);
  const added = ids.filter((id) => !index.has(id));
  const seconds = () => (performance.now() - started) / 1000;
  fill(index, source, added, (done) =>
    output.progress(`${modality}: ${pace(done, added.length, seconds(), 'vectors')}`),
  );
  await index.save(file, catalog.id);
  await index.close();
  const vectors = ids.length;
  return { modality, vectors, added: added.length, removed: removed.length, seconds: seconds() };
}

/** The saved graph, unless it was built otherwise than `index tune` chose, or too little of it would stay. */
async function startingPoint(source: IndexSource, anew: boolean): Promise<HnswIndex> {
  const { M, efConstruction, ef } = (await readTuning(source.file)) ?? {};
  const chosen = { ...(M && { M }), ...(efConstruction && { efConstruction }), ...(ef && { ef }) };
  const saved = anew ? undefined : await savedIndex(source);
  if (saved) {
    const wanted = new Set(source.ids);
    const gone = [...saved.ids()].filter((id) => !wanted.has(id)).length;
    const sameShape = M === undefined || saved.settings.M === M;
    if (sameShape && !saved.rebuildsOnRemoving(gone)) {
      if (ef) saved.setEf(ef);
      return saved;
    }
    await saved.close();
  }
  const { dimension } = source.model;
  return createHnswIndex({ dimension, capacity: source.ids.length, ...chosen });
}

function human({ indexes }: { indexes: Built[] }): string {
  if (indexes.length === 0) return 'The library holds no embeddings yet: bifocal ingest FOLDER';
  return indexes
    .map(
      ({ modality, vectors, added, removed, seconds }) =>
        `${modality}: ${vectors} vectors, ${added} added, ${removed} removed in ${seconds.toFixed(1)} s`,
    )
    .join('\n');
}
