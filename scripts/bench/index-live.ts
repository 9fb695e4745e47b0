// `node scripts/run.mjs scripts/bench/index-live.ts`: an engine over a large library as it lives: how soon it is
// ready, how soon another process's writes are found, what searches take while a graph is built, and whether
// its memory levels off.

import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command as Program } from 'commander';
import { openCatalog, type Catalog, type CatalogModel, type ItemFilter } from '#catalog';
import { startEngine, type Engine } from '#engine';
import { Random } from '#random';
import { jsonOption, Output, table } from '../output';
import { libraryIn, percentile, rowOf, untilReady } from './index-library';
import { clusteredSet, type VectorSet } from './vectors';

interface Flags {
  size: string;
  dimension: string;
  requests: string;
  cache: string;
  json?: boolean;
}

interface Latency {
  median: number;
  p99: number;
}

interface Figures {
  pictures: number;
  readySeconds: number;
  /** From the end of another process's transaction to the first search that finds what it wrote. */
  visibleMs: { median: number; worst: number };
  /** Milliseconds a search, alone. */
  idle: Latency;
  /** The same while a process builds a graph. */
  building: Latency;
  /** Megabytes resident, after each tenth of the requests. */
  memory: number[];
}

const writes = 20;
/** More than HNSW takes in beside answering. */
const manyPictures = 1_100;
const searchesTimed = 500;
const k = 10;
const filters: (ItemFilter | undefined)[] = [
  undefined,
  { under: '/made/half' },
  { under: '/made/tenth' },
  { orientation: 'portrait' },
  { hasCaption: true },
];

await new Program('bench:index-live')
  .option('--size <n>', 'pictures', '100000')
  .option('--dimension <n>', 'numbers in a vector', '512')
  .option('--requests <n>', 'mixed requests over which memory is watched', '20000')
  .option('--cache <folder>', 'keeps the library', path.join(os.tmpdir(), 'bifocal-bench-index'))
  .addOption(jsonOption())
  .action(run)
  .parseAsync();

async function run(flags: Flags): Promise<void> {
  const output = new Output(flags.json === true);
  const [count, dimension] = [Number(flags.size), Number(flags.dimension)];
  const set = clusteredSet({ count, dimension, queries: 300 });
  const made = await libraryIn(path.resolve(flags.cache), set, (line) => output.progress(line));
  const copy = await mkdtemp(path.join(os.tmpdir(), 'bifocal-live-'));
  const home = path.join(copy, 'home');
  await cp(made.home, home, { recursive: true });
  const catalog = await openCatalog(path.join(home, 'bifocal.db'));
  const started = performance.now();
  const engine = startEngine({ home, model: made.model });
  try {
    await untilReady(engine);
    const readySeconds = (performance.now() - started) / 1000;
    const [model] = await catalog.models.list();
    const store = storing(catalog, model!, count);
    output.progress('writing from another process, while HNSW is loaded and afterwards');
    const visible = await visibility(engine, store);
    await untilHnsw(engine);
    visible.push(...(await visibility(engine, store)));
    const idle = await latency(engine, set);
    output.progress('memory over mixed requests');
    const memory = await memoryOver(Number(flags.requests), engine, store, set);
    output.progress('searching while a graph is built');
    await store(manyPictures);
    while (!(await engine.status()).building) await sleep(50);
    const building = await latency(engine, set);
    if (!(await engine.status()).building) output.note('the build ended before the searches did');
    const visibleMs = { median: percentile(visible, 0.5), worst: Math.max(...visible) };
    const figures = { pictures: count, readySeconds, visibleMs, idle, building, memory };
    output.result(figures satisfies Figures, human);
  } finally {
    await engine.close();
    await catalog.close();
    await rm(copy, { recursive: true, force: true });
  }
}

/** Stores so many pictures that nobody has seen, each its own direction; gives their vectors. */
type Store = (count: number) => Promise<Float32Array[]>;

function storing(catalog: Catalog, model: CatalogModel, present: number): Store {
  const random = new Random(5);
  let number = present;
  const direction = () => {
    const vector = new Float32Array(model.dimension).map(() => random.normal());
    const norm = Math.hypot(...vector);
    return vector.map((x) => x / norm);
  };
  return async (count) => {
    const vectors = Array.from({ length: count }, direction);
    const pictures = vectors.map((vector) => {
      const sha256 = `new${++number}`.padStart(64, '0');
      const content = { sha256, width: 4, height: 3, format: 'jpeg', bytes: 1 };
      const file = { path: `/made/new/${number}.jpg`, size: 1, mtimeMs: 1 };
      return { ...file, content, vector, captions: [] };
    });
    await catalog.store({ model, pictures, textVectors: new Map() });
    return vectors;
  };
}

async function untilHnsw(engine: Engine): Promise<void> {
  while ((await engine.status()).method.image !== 'hnsw') await sleep(50);
}

async function visibility(engine: Engine, store: Store): Promise<number[]> {
  const times: number[] = [];
  for (let write = 0; write < writes; write++) {
    const [vector] = await store(1);
    const written = performance.now();
    for (let score = 0; score < 0.999; await sleep(5)) {
      score = (await engine.search({ modality: 'image', vector: vector!, k: 1 }))[0]!.score;
    }
    times.push(performance.now() - written);
  }
  return times;
}

async function latency(engine: Engine, set: VectorSet): Promise<Latency> {
  const times: number[] = [];
  for (let n = 0; n < searchesTimed; n++) {
    const vector = rowOf(set.queries, set, n % 300);
    const started = performance.now();
    await engine.search({ modality: 'image', vector, k });
    times.push(performance.now() - started);
    await sleep(2);
  }
  return { median: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

/** Searches with and without filters, of pictures and texts, texts encoded, and a write now and then. */
async function memoryOver(requests: number, engine: Engine, store: Store, set: VectorSet) {
  const memory: number[] = [];
  for (let n = 1; n <= requests; n++) {
    const modality = n % 5 === 0 ? 'text' : 'image';
    const filter = filters[n % filters.length];
    const [vector] =
      n % 4 === 0
        ? await engine.encodeTexts([`what ${n} looks like`])
        : [rowOf(set.queries, set, n % 300)];
    await engine.search({ modality, vector: vector!, k, ...(filter && { filter }) });
    if (n % 500 === 0) await store(1);
    if (n % Math.ceil(requests / 10) === 0) memory.push(await residentMegabytes(engine));
  }
  return memory;
}

/** Of the engine's process, which only measuring wants to see. */
async function residentMegabytes(engine: Engine): Promise<number> {
  const { pid } = (engine as unknown as { child: ChildProcess }).child;
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024);
}

function human({ pictures, readySeconds, visibleMs, idle, building, memory }: Figures): string {
  const ms = (value: number) => value.toFixed(1);
  return [
    `${pictures} pictures: ready in ${readySeconds.toFixed(1)} s; another process's picture is found ` +
      `after ${ms(visibleMs.median)} ms, ${ms(visibleMs.worst)} at most`,
    table([
      ['a search', 'median ms', 'p99 ms'],
      ['idle', ms(idle.median), ms(idle.p99)],
      ['while a graph is built', ms(building.median), ms(building.p99)],
    ]),
    `memory of the engine over mixed requests, MB: ${memory.join(' ')}`,
  ].join('\n');
}
