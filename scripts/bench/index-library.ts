// The second half of the index bench: a made-up library of that size, searched as a server does, through
// the engine's process: how soon it is ready, its recall after filters, and whether its caller stays awake.

import { spawnSync } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCatalog, type ItemFilter } from '#catalog';
import { startEngine, type Engine } from '#engine';
import { createModel, loadDualEncoder } from '#model';
import { cached, scan } from './index-contenders';
import { timerLateness, type Lateness } from './late-timer';
import { folderOf, fillLibrary } from './library';
import { SIZES } from './sizes';
import { clusteredSet, type VectorSet } from './vectors';

export interface LibraryFigures {
  pictures: number;
  /** The database over the vectors in it, as raw f32. */
  databaseOverVectors: number;
  /** From the start of the engine's process to its first answer. */
  readySeconds: number;
  searches: {
    filter: string;
    pictures: number;
    recall: number;
    /** One after another, the median. */
    ms: number;
    /** 64 at once. */
    queriesPerSecond: number;
  }[];
  /** Of a timer of the caller while 64 searches at once went on. */
  timer: Lateness;
}

const filters = ['', 'half', 'tenth', 'hundredth', 'thousandth'];
const queriesTried = 100;
const together = 64;
const k = 10;

/** The library of these vectors, made unless `cache` has it: its data folder, and its model's. */
export async function libraryIn(
  cache: string,
  set: VectorSet,
  say: (line: string) => void,
): Promise<{ home: string; model: string }> {
  const count = set.vectors.length / set.dimension;
  const folder = path.join(cache, `library-${count}-${set.dimension}`);
  await cached(folder, (unfinished) => makeLibrary(unfinished, set, say));
  return { home: path.join(folder, 'home'), model: path.join(folder, 'model') };
}

/** Measures on a library that is kept in `cache` between runs. */
export async function measureLibrary(
  cache: string,
  size: { count: number; dimension: number },
  say: (line: string) => void,
): Promise<LibraryFigures> {
  const set = clusteredSet({ ...size, queries: 300 });
  const { home, model } = await libraryIn(cache, set, say);
  say('library: starting the engine');
  const started = performance.now();
  const engine = startEngine({ home, model });
  try {
    await untilReady(engine);
    await engine.search({ modality: 'image', vector: rowOf(set.queries, set, 0), k });
    const readySeconds = (performance.now() - started) / 1000;
    while ((await engine.status()).method.image !== 'hnsw') await sleep(50);
    const searches = [];
    for (const filter of filters) {
      say(`library: ${filter || 'no filter'}`);
      searches.push(await measureFilter(engine, set, filter));
    }
    return {
      pictures: size.count,
      databaseOverVectors: await databaseOverVectors(home, set),
      readySeconds,
      searches,
      timer: await timerUnderLoad(engine, set),
    };
  } finally {
    await engine.close();
  }
}

async function makeLibrary(
  folder: string,
  set: VectorSet,
  say: (line: string) => void,
): Promise<void> {
  const [home, folderOfModel] = [path.join(folder, 'home'), path.join(folder, 'model')];
  const root = path.resolve(import.meta.dirname, '../..');
  await createModel(folderOfModel, {
    config: { ...SIZES.xs!, projection_dim: set.dimension },
    tokenizer: path.join(root, 'models/starter'),
  });
  const encoder = await loadDualEncoder(folderOfModel, { device: 'cpu' });
  await encoder.dispose();
  const catalog = await openCatalog(path.join(home, 'bifocal.db'));
  try {
    const model = await catalog.models.register(encoder);
    await fillLibrary(catalog, model, set, (done) => say(`library: ${done} pictures stored`));
  } finally {
    await catalog.close();
  }
  say('library: building its graphs');
  const built = spawnSync(process.execPath, ['scripts/bin.mjs', 'index', 'build'], {
    cwd: root,
    env: { ...process.env, BIFOCAL_HOME: home, BIFOCAL_MODEL: folderOfModel },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (built.status !== 0) throw new Error('bifocal index build failed; its line above says why');
}

export async function untilReady(engine: Engine): Promise<void> {
  for (;;) {
    const { state, error } = await engine.status();
    if (state === 'failed') throw new Error(`the engine cannot start: ${error}`);
    if (state === 'ready') return;
    await sleep(10);
  }
}

async function measureFilter(engine: Engine, set: VectorSet, folder: string) {
  const filter: ItemFilter | undefined = folder ? { under: `/made/${folder}` } : undefined;
  const inside = picturesIn(set, folder);
  const vectors = Array.from({ length: queriesTried }, (_, q) => rowOf(set.queries, set, q));
  const search = (vector: Float32Array) =>
    engine.search({ modality: 'image', vector, k, ...(filter && { filter }) });
  await search(vectors[0]!);

  const times: number[] = [];
  let hits = 0;
  let wanted = 0;
  for (const vector of vectors) {
    const started = performance.now();
    const found = new Set((await search(vector)).map(({ id }) => id - 1)); // the first picture is item 1
    times.push(performance.now() - started);
    const truth = scan(vector, inside.rows, inside.numbers.length, set.dimension, k);
    hits += truth.filter((row) => found.has(inside.numbers[row]!)).length;
    wanted += truth.length;
  }
  const started = performance.now();
  for (let round = 0; round < 5; round++) {
    await Promise.all(vectors.slice(0, together).map(search));
  }
  return {
    filter: folder,
    pictures: inside.numbers.length,
    recall: hits / wanted,
    ms: percentile(times, 0.5),
    queriesPerSecond: (5 * together * 1000) / (performance.now() - started),
  };
}

function picturesIn(set: VectorSet, folder: string): { numbers: number[]; rows: Float32Array } {
  const numbers = Array.from({ length: set.vectors.length / set.dimension }, (_, n) => n).filter(
    (number) => folder === '' || folderOf(number) === folder,
  );
  const rows = new Float32Array(numbers.length * set.dimension);
  numbers.forEach((number, i) => rows.set(rowOf(set.vectors, set, number), i * set.dimension));
  return { numbers, rows };
}

/** Both kinds of embeddings count: half of the pictures have a caption, many of them the same. */
async function databaseOverVectors(home: string, set: VectorSet): Promise<number> {
  const files = (await readdir(home)).filter((name) => /^bifocal\.db(-wal)?$/.test(name));
  const sizes = await Promise.all(
    files.map(async (name) => (await stat(path.join(home, name))).size),
  );
  const captions = set.vectors.length / 2;
  return sizes.reduce((sum, size) => sum + size, 0) / (4 * (set.vectors.length + captions));
}

/** Of a timer in this process, which only passes searches on. */
function timerUnderLoad(engine: Engine, set: VectorSet): Promise<Lateness> {
  return timerLateness((goesOn) =>
    Promise.all(
      Array.from({ length: together }, async (_, q) => {
        const vector = rowOf(set.queries, set, q);
        while (goesOn()) await engine.search({ modality: 'image', vector, k });
      }),
    ),
  );
}

export function rowOf(rows: Float32Array, { dimension }: VectorSet, row: number): Float32Array {
  return rows.slice(row * dimension, (row + 1) * dimension);
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
