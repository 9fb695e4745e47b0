// Ways to find nearest neighbours that the bench compares: ours, and what else one could install.

import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import stock from 'hnswlib-node';
import { createExactIndex, createHnswIndex, loadHnswIndex } from '#vectors';
import { readIndexFile } from '../../services/vectors/hnsw-file';

export interface Job {
  /** f32, row-major; read only where it is needed, so that memory can be told apart. */
  vectors: () => Float32Array;
  count: number;
  dimension: number;
  M: number;
  efConstruction: number;
  /** Built indexes are kept here between runs. */
  cache: string;
  /** Where usearch and LanceDB are installed. */
  peers: string;
}

export interface Contender {
  /** Settings to try in this order until the recall is reached; absent where there is none. */
  readonly efs?: readonly number[];
  setEf?(ef: number): Promise<void> | void;
  /** Ids of the `k` nearest of each query. */
  search(queries: readonly Float32Array[], k: number): Promise<number[][]>;
}

const efs = [
  32, 40, 48, 56, 64, 80, 96, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 1024,
];

/** Makes `file` by `build` if it is not there, and says how long that took, now or then. */
export async function cached(file: string, build: (file: string) => Promise<void>): Promise<void> {
  if (await stat(file).catch(() => null)) return;
  await mkdir(path.dirname(file), { recursive: true });
  const unfinished = `${file}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await build(unfinished);
  await rename(unfinished, file);
}

const everyId = (count: number) => Uint32Array.from({ length: count }, (_, id) => id);

function ourGraph({ cache, M }: Job): string {
  return path.join(cache, `hnsw-M${M}.index`);
}

/** Ours, HNSW. */
async function ours(job: Job): Promise<Contender> {
  const file = ourGraph(job);
  await cached(file, async (unfinished) => {
    const { dimension, count, M, efConstruction } = job;
    const index = createHnswIndex({ dimension, capacity: count, M, efConstruction });
    index.add(everyId(count), job.vectors());
    await index.save(unfinished);
  });
  const { index } = await loadHnswIndex(file);
  return {
    efs,
    setEf: (ef) => index.setEf(ef),
    search: (queries, k) => oneByOne(queries, async (query) => idsOf(await index.search(query, k))),
  };
}

/** Ours, exact; `together` queries at once share a scan. */
async function exact({ count, dimension, vectors }: Job, together: number): Promise<Contender> {
  const index = createExactIndex({ dimension });
  index.add(everyId(count), vectors());
  return {
    search: async (queries, k) => {
      const found: number[][] = [];
      for (let first = 0; first < queries.length; first += together) {
        const part = queries.slice(first, first + together);
        found.push(...(await Promise.all(part.map((query) => index.search(query, k)))).map(idsOf));
      }
      return found;
    },
  };
}

/** The same graph as ours, searched by the package as npm builds it, with its own calls. */
async function hnswlibNode(job: Job): Promise<Contender> {
  const file = `${ourGraph(job)}.graph`;
  await cached(file, async (unfinished) => {
    await ours(job);
    let copied = Promise.resolve();
    await readIndexFile(ourGraph(job), (_, graph) => (copied = copyFile(graph, unfinished)));
    await copied;
  });
  const graph = new stock.HierarchicalNSW('ip', job.dimension);
  graph.readIndexSync(file);
  return {
    efs,
    setEf: (ef) => graph.setEf(ef),
    search: (queries, k) =>
      oneByOne(queries, (query) => graph.searchKnn(Array.from(query), k).neighbors),
  };
}

/** What one writes first: a loop over all numbers. */
async function plainScan({ vectors, count, dimension }: Job): Promise<Contender> {
  const rows = vectors();
  return {
    search: (queries, k) => oneByOne(queries, (query) => scan(query, rows, count, dimension, k)),
  };
}

/** The ids of the `k` largest products, largest first. */
export function scan(
  query: Float32Array,
  rows: Float32Array,
  count: number,
  dimension: number,
  k: number,
): number[] {
  const best: { id: number; score: number }[] = [];
  for (let id = 0; id < count; id++) {
    const offset = id * dimension;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = 0; i < dimension; i += 4) {
      a += query[i]! * rows[offset + i]!;
      b += query[i + 1]! * rows[offset + i + 1]!;
      c += query[i + 2]! * rows[offset + i + 2]!;
      d += query[i + 3]! * rows[offset + i + 3]!;
    }
    const score = a + b + c + d;
    if (best.length === k && score <= best[k - 1]!.score) continue;
    const place = best.findIndex((other) => other.score < score);
    best.splice(place < 0 ? best.length : place, 0, { id, score });
    best.length = Math.min(best.length, k);
  }
  return best.map(({ id }) => id);
}

interface Usearch {
  Index: new (options: Record<string, unknown>) => {
    add(keys: BigUint64Array, vectors: Float32Array, threads: number): void;
    search(query: Float32Array, k: number, threads: number): { keys: BigUint64Array };
    save(file: string): void;
    load(file: string): void;
  };
}

async function usearch(job: Job, quantization: 'f32' | 'f16'): Promise<Contender> {
  const { Index } = (await installed(job, 'usearch')) as Usearch;
  const { M, dimension, cache, count, efConstruction } = job;
  const file = path.join(cache, `usearch-${quantization}-M${M}`);
  const open = (ef: number) =>
    new Index({
      metric: 'ip',
      quantization,
      connectivity: M,
      dimensions: dimension,
      expansion_add: efConstruction,
      expansion_search: ef,
    });
  await cached(file, async (unfinished) => {
    const index = open(64);
    index.add(BigUint64Array.from(everyId(count), BigInt), job.vectors(), 1);
    index.save(unfinished);
  });
  let index = open(64);
  index.load(file);
  return {
    efs,
    setEf: (ef) => {
      index = open(ef); // it is fixed when an index is made
      index.load(file);
    },
    search: (queries, k) =>
      oneByOne(queries, (query) => Array.from(index.search(query, k, 1).keys, Number)),
  };
}

interface Lance {
  connect(folder: string): Promise<{
    openTable(name: string): Promise<LanceTable>;
    createTable(name: string, rows: unknown): Promise<LanceTable>;
  }>;
  Index: { hnswSq(options: Record<string, unknown>): unknown };
}

interface LanceTable {
  add(rows: unknown): Promise<unknown>;
  createIndex(column: string, options: { config: unknown }): Promise<void>;
  search(vector: Float32Array): LanceQuery;
}

interface LanceQuery {
  distanceType(type: string): LanceQuery;
  nprobes(count: number): LanceQuery;
  ef(ef: number): LanceQuery;
  refineFactor(factor: number): LanceQuery;
  select(columns: string[]): LanceQuery;
  limit(k: number): LanceQuery;
  toArray(): Promise<{ id: number }[]>;
}

async function lancedb(job: Job): Promise<Contender> {
  const { connect, Index } = (await installed(job, '@lancedb/lancedb')) as Lance;
  const folder = path.join(job.cache, `lancedb-M${job.M}`);
  await cached(folder, async (unfinished) => {
    const database = await connect(unfinished);
    const vectors = job.vectors();
    const rows = (first: number) =>
      Array.from({ length: Math.min(5_000, job.count - first) }, (_, i) => ({
        id: first + i,
        vector: vectors.subarray((first + i) * job.dimension, (first + i + 1) * job.dimension),
      }));
    const table = await database.createTable('vectors', rows(0));
    for (let first = 5_000; first < job.count; first += 5_000) await table.add(rows(first));
    const config = Index.hnswSq({
      distanceType: 'dot',
      m: job.M,
      efConstruction: job.efConstruction,
      numPartitions: 1,
    });
    await table.createIndex('vector', { config });
  });
  const table = await (await connect(folder)).openTable('vectors');
  let ef = 64;
  const one = async (query: Float32Array, k: number) => {
    const search = table.search(query).distanceType('dot').nprobes(1).ef(ef).refineFactor(4);
    return (await search.select(['id']).limit(k).toArray()).map(({ id }) => id);
  };
  return {
    efs,
    setEf: (value) => void (ef = Math.max(value, 4 * 10)), // it wants as many as are refined
    search: (queries, k) => oneByOne(queries, (query) => one(query, k)),
  };
}

async function installed({ peers }: Job, name: string): Promise<unknown> {
  const require = createRequire(path.join(peers, 'node_modules', 'any.js'));
  const module = (await import(pathToFileURL(require.resolve(name)).href)) as { default?: object };
  return { ...module.default, ...module };
}

async function oneByOne(
  queries: readonly Float32Array[],
  search: (query: Float32Array) => number[] | Promise<number[]>,
): Promise<number[][]> {
  const found: number[][] = [];
  for (const query of queries) found.push(await search(query));
  return found;
}

function idsOf(found: readonly { id: number }[]): number[] {
  return found.map(({ id }) => id);
}

export const contenders: Record<string, (job: Job) => Promise<Contender>> = {
  'ours: hnsw': ours,
  'ours: exact': (job) => exact(job, 1),
  'ours: exact, 64 at once': (job) => exact(job, 64),
  'plain f32 scan': plainScan,
  'hnswlib-node of npm': hnswlibNode,
  'usearch f32': (job) => usearch(job, 'f32'),
  'usearch f16': (job) => usearch(job, 'f16'),
  lancedb,
};
