// `npm run bench:index`: recall and queries per second of ours and of what else one could install, on a
// clustered and a hard set, in turn in one run; then a whole library through the engine. Ratios count:
// all meet the same machine in the same minutes.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Command as Program } from 'commander';
import { jsonOption, Output, table } from '../output';
import { cached, contenders, scan } from './index-contenders';
import { ContenderProcess } from './index-process';
import type { Setup } from './index-worker';
import { measureLibrary, type LibraryFigures } from './index-library';
import { clusteredSet, hardSet } from './vectors';

interface Flags {
  size: string;
  dimension: string;
  queries: string;
  rounds: string;
  target: string;
  set?: string[];
  only?: string[];
  peers: string;
  cache: string;
  library: boolean;
  json?: boolean;
}

interface Result {
  contender: string;
  /** Why it is not in the run. */
  failure?: string;
  recall?: number;
  ef?: number | null;
  seconds?: number;
  bytesPerVector?: number;
  queriesPerSecond?: number;
  /** Queries per second of the faster of ours over those of this one, the median over rounds. */
  oursOver?: number;
}

/** The two sets, and the links a vector that graphs need on them to come near the recall. */
const sets = {
  clustered: { make: clusteredSet, M: 16 },
  hard: { make: hardSet, M: 32 },
};
const head = ['', 'recall@10', 'ef', 'queries/s', 'ours is', 'ready s', 'bytes/vector'];
const howToInstall =
  'npm install --no-save --prefix FOLDER usearch @lancedb/lancedb apache-arrow; then --peers FOLDER';
const k = 10;
const efConstruction = 200;
/** Milliseconds that a contender has a round. */
const roundMs = 500;

await new Program('bench:index')
  .option('--size <n>', 'vectors', '100000')
  .option('--dimension <n>', 'numbers in a vector', '512')
  .option('--queries <n>', 'queries that recall is measured on', '300')
  .option('--rounds <n>', 'rounds of every contender', '7')
  .option('--target <share>', 'recall@10 that every graph is tuned to', '0.99')
  .option('--set <name...>', `of ${Object.keys(sets).join(', ')}`)
  .option('--only <name...>', `of ${Object.keys(contenders).join('; ')}`)
  .option(
    '--peers <folder>',
    'where usearch and LanceDB are installed',
    path.join(os.tmpdir(), 'bifocal-peers'),
  )
  .option(
    '--cache <folder>',
    'keeps vectors and graphs between runs',
    path.join(os.tmpdir(), 'bifocal-bench-index'),
  )
  .option('--no-library', 'leave out the library searched through the engine')
  .addOption(jsonOption())
  .action(run)
  .parseAsync();

async function run(flags: Flags): Promise<void> {
  const output = new Output(flags.json === true);
  const names = (flags.set ?? Object.keys(sets)) as (keyof typeof sets)[];
  const results: Record<string, Result[]> = {};
  for (const name of names) results[name] = await compare(name, flags, output);
  const library = flags.library ? await searchLibrary(flags, output) : null;
  const figures = {
    size: Number(flags.size),
    target: Number(flags.target),
    sets: results,
    library,
  };
  output.result(figures, human);
}

function searchLibrary(flags: Flags, output: Output): Promise<LibraryFigures> {
  const [count, dimension] = [Number(flags.size), Number(flags.dimension)];
  const cache = path.resolve(flags.cache);
  return measureLibrary(cache, { count, dimension }, (line) => output.progress(line));
}

async function compare(name: keyof typeof sets, flags: Flags, output: Output): Promise<Result[]> {
  const setup = await prepare(name, flags, output);
  const workers: ContenderProcess[] = [];
  const results: Result[] = [];
  try {
    for (const contender of flags.only ?? Object.keys(contenders)) {
      output.progress(`${name}: ${contender}`);
      // The first builds what is not there yet; the second shows what loading takes.
      const first = new ContenderProcess(contender);
      const built = await first.open({ ...setup, contender, buildOnly: true });
      first.end();
      const worker = new ContenderProcess(contender);
      const opened =
        'failure' in built ? built : await worker.open({ ...setup, contender, buildOnly: false });
      if ('failure' in opened) {
        worker.end();
        results.push({ contender, failure: opened.failure });
        continue;
      }
      workers.push(worker);
      const { bytes, ...rest } = opened;
      results.push({ contender, ...rest, bytesPerVector: bytes / setup.count });
    }
    await race(
      results.filter(({ failure }) => failure === undefined),
      workers,
      flags,
      output,
    );
  } finally {
    for (const worker of workers) worker.end();
  }
  return results;
}

/** Vectors, queries and the truth about them, in files. */
async function prepare(
  name: keyof typeof sets,
  flags: Flags,
  output: Output,
): Promise<Omit<Setup, 'contender' | 'buildOnly'>> {
  const [count, dimension, queries] = [flags.size, flags.dimension, flags.queries].map(Number) as [
    number,
    number,
    number,
  ];
  const cache = path.join(path.resolve(flags.cache), `${name}-${count}-${dimension}-${queries}`);
  await mkdir(cache, { recursive: true });
  const [vectorFile, queryFile] = [path.join(cache, 'vectors'), path.join(cache, 'queries')];
  const truthFile = path.join(cache, 'truth.json');
  await cached(truthFile, async (unfinished) => {
    output.progress(
      `${name}: ${count} vectors of ${dimension}, and the truth about ${queries} queries`,
    );
    const set = sets[name].make({ count, dimension, queries });
    await writeFile(vectorFile, new Uint8Array(set.vectors.buffer));
    await writeFile(queryFile, new Uint8Array(set.queries.buffer));
    const truth = Array.from({ length: queries }, (_, q) =>
      scan(
        set.queries.subarray(q * dimension, (q + 1) * dimension),
        set.vectors,
        count,
        dimension,
        k,
      ),
    );
    await writeFile(unfinished, JSON.stringify(truth));
  });
  const truth = JSON.parse(await readFile(truthFile, 'utf8')) as number[][];
  const { M } = sets[name];
  const peers = path.resolve(flags.peers);
  const target = Number(flags.target);
  return {
    count,
    dimension,
    M,
    efConstruction,
    cache,
    peers,
    vectorFile,
    queryFile,
    truth,
    k,
    target,
  };
}

/** Every contender once a round, in turn, for the same time. */
async function race(
  results: Result[],
  workers: ContenderProcess[],
  { rounds }: Flags,
  output: Output,
): Promise<void> {
  const rates: number[][] = results.map(() => []);
  const counts = results.map(() => 64);
  for (let round = 0; round <= Number(rounds); round++) {
    output.progress(`round ${round} of ${rounds}`);
    for (const [i, worker] of workers.entries()) {
      const { queriesPerSecond } = await worker.round(round * counts[i]!, counts[i]!);
      if (round > 0) rates[i]!.push(queriesPerSecond);
      counts[i] = Math.max(64, 64 * Math.round((queriesPerSecond * roundMs) / 64_000));
      if (queriesPerSecond < 64) counts[i] = 16;
    }
  }
  const isOurs = results.map(({ contender }) => contender.startsWith('ours'));
  const best = (round: number) => Math.max(...rates.map((of, i) => (isOurs[i] ? of[round]! : 0)));
  for (const [i, result] of results.entries()) {
    result.queriesPerSecond = median(rates[i]!);
    result.oursOver = median(rates[i]!.map((rate, round) => best(round) / rate));
  }
}

interface Figures {
  size: number;
  target: number;
  sets: Record<string, Result[]>;
  library: LibraryFigures | null;
}

function human({ sets: results, size, target, library }: Figures): string {
  const parts = Object.entries(results).map(([name, all]) => {
    const found = all.filter(({ failure }) => failure === undefined);
    const missing = all.filter(({ failure }) => failure !== undefined);
    return [
      `${name}: ${size} vectors, recall@10 ≥ ${target}`,
      table([head, ...found.map(row)]),
      ...missing.map(({ contender, failure }) => `${contender}: not measured: ${failure}`),
      ...(missing.length > 0 ? [howToInstall] : []),
    ].join('\n');
  });
  return [...parts, ...(library ? [libraryLines(library)] : [])].join('\n\n');
}

function libraryLines(library: LibraryFigures): string {
  const { pictures, readySeconds, databaseOverVectors, timer, searches } = library;
  return [
    `a library of ${pictures} pictures through the engine: ready in ${readySeconds.toFixed(1)} s, ` +
      `its database ${databaseOverVectors.toFixed(2)} × its vectors, ` +
      `a timer of the caller ${timer.late.toFixed(1)} ms late (p99), by its own work ` +
      `${timer.ownWork.toFixed(1)} at most; ${timer.floor.toFixed(1)} with nothing to do beside busy processors`,
    table([
      ['filter', 'pictures', 'recall@10', 'ms/query', 'queries/s, 64 at once'],
      ...searches.map((search) => [
        search.filter || 'none',
        search.pictures,
        search.recall.toFixed(4),
        search.ms.toFixed(2),
        search.queriesPerSecond.toFixed(0),
      ]),
    ]),
  ].join('\n');
}

function row({
  contender,
  recall,
  ef,
  queriesPerSecond,
  oursOver,
  seconds,
  bytesPerVector,
}: Result) {
  return [
    contender,
    recall!.toFixed(4),
    ef === null ? '' : String(ef),
    queriesPerSecond!.toFixed(0),
    `${oursOver!.toFixed(2)} ×`,
    seconds!.toFixed(1),
    bytesPerVector!.toFixed(0),
  ];
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
