// `bifocal index tune`: measures what finds the nearest neighbours for the least time, and keeps it.

import { Command, InvalidArgumentError } from 'commander';
import { loadGraphs } from '#engine';
import { findTruth, tuneHnsw, type Trial, type Tuning } from '#vectors';
import { encodedQueries, withSources, type IndexSource } from './index-source';
import { pace } from './long-work';
import { jsonOption, Output, table } from './output';

/** Neighbours whose recall counts. */
const k = 10;
const querySample = 400;

interface Options {
  target: number;
  queries?: string;
  json?: boolean;
}

interface Tuned {
  modality: string;
  queries: number;
  trials: Trial[];
  chosen: Tuning;
}

export const tune = new Command('tune')
  .description(
    'measure recall@10 on your own queries, and keep the cheapest setting that reaches a target',
  )
  .option('--target <share>', 'recall@10 to reach, 0 to 1', share, 0.99)
  .option(
    '--queries <file>',
    'texts to search with, one a line; by default a sample of the library',
  )
  .addOption(jsonOption())
  .action(run);

async function run(options: Options): Promise<void> {
  const output = new Output(options.json === true);
  await withSources(async (sources, model) => {
    const given =
      options.queries && sources[0]
        ? await encodedQueries(sources[0].catalog, options.queries)
        : undefined;
    const indexes: Tuned[] = [];
    for (const source of sources) {
      indexes.push(await tuneOne(source, given, options.target, output));
    }
    output.result({ model: model.name, indexes }, human);
  });
}

async function tuneOne(
  source: IndexSource,
  given: Float32Array[] | undefined,
  target: number,
  output: Output,
): Promise<Tuned> {
  const { modality, ids, model } = source;
  const { batches, fill, keep, sampleQueries, tuningOf } = await loadGraphs();
  const queries = given ?? sampleQueries(source, querySample);
  output.progress(`${modality}: ${ids.length} vectors, exact answers to ${queries.length} queries`);
  const { dimension } = model;
  const { trials, chosen, index } = await tuneHnsw({
    truth: await findTruth(queries, k, dimension, batches(source, ids)),
    target,
    dimension,
    size: ids.length,
    fill: async (graph) => {
      const started = performance.now();
      fill(graph, source, ids, (done) => {
        const seconds = (performance.now() - started) / 1000;
        output.progress(
          `${modality}: graph with M ${graph.settings.M}: ${pace(done, ids.length, seconds, 'vectors')}`,
        );
      });
    },
    onTrial: (trial) => output.progress(`${modality}: ${row(trial).join('  ')}`),
  });
  const tuning = tuningOf(chosen, index, target);
  await keep(source, index, tuning);
  return { modality, queries: queries.length, trials, chosen: tuning };
}

function human({ indexes }: { indexes: Tuned[] }): string {
  if (indexes.length === 0) return 'The library holds no embeddings yet: bifocal ingest FOLDER';
  return indexes.map(asTable).join('\n\n');
}

function asTable({ modality, queries, trials, chosen }: Tuned): string {
  const head = ['method', 'recall@10', 'ms/query', 'build s'];
  const { method, M, ef, target, size } = chosen;
  const choice =
    method === 'hnsw'
      ? `HNSW with M ${M}, ef ${ef}`
      : 'exact search: HNSW does not reach the target, or not for less';
  return [
    `${modality}: ${size} vectors, ${queries} queries, target ${target}`,
    table([head, ...trials.map(row)]),
    `kept: ${choice}`,
  ].join('\n');
}

function row(trial: Trial): string[] {
  const { recall, standardError, ms } = trial;
  return [
    trial.method === 'exact' ? 'exact' : `hnsw M ${trial.M} ef ${trial.ef}`,
    trial.method === 'exact' ? '1' : `${recall.toFixed(4)} ± ${standardError.toFixed(4)}`,
    ms.toFixed(3),
    trial.method === 'exact' ? '' : trial.buildSeconds.toFixed(1),
  ];
}

function share(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && number > 0 && number <= 1) return number;
  throw new InvalidArgumentError('It must be above 0 and at most 1.');
}
