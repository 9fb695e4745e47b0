// A process that holds one contender of the index bench, so that its memory is its own. A line of JSON
// in, one out: it opens its index, is tuned to a recall, and then runs a round whenever it is asked to.

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { contenders, type Contender, type Job } from './index-contenders';

export interface Setup extends Omit<Job, 'vectors'> {
  contender: string;
  /** Only to have its files made. */
  buildOnly: boolean;
  /** Files of f32: the vectors, and the queries. */
  vectorFile: string;
  queryFile: string;
  /** The ids of the true neighbours of each query. */
  truth: number[][];
  k: number;
  target: number;
}

export interface Opened {
  /** Seconds until it could answer: from its file if it had one, else with building. */
  seconds: number;
  /** Resident memory that it took. */
  bytes: number;
  recall: number;
  ef: number | null;
}

export interface Round {
  queriesPerSecond: number;
}

export type Command = { open: Setup } | { round: { first: number; count: number } };

let opened: { contender: Contender; setup: Setup; queries: Float32Array[] };

function floats(file: string): Float32Array {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

async function open(setup: Setup): Promise<Opened> {
  const all = floats(setup.queryFile);
  const queries = setup.truth.map((_, q) =>
    all.slice(q * setup.dimension, (q + 1) * setup.dimension),
  );
  const before = process.memoryUsage().rss;
  const started = performance.now();
  const make = contenders[setup.contender]!;
  const contender = await make({ ...setup, vectors: () => floats(setup.vectorFile) });
  await contender.search(queries.slice(0, 1), setup.k);
  const seconds = (performance.now() - started) / 1000;
  const bytes = process.memoryUsage().rss - before;
  opened = { contender, setup, queries };
  const tuning = setup.buildOnly ? { recall: 0, ef: null } : await tuned(opened);
  return { seconds, bytes, ...tuning };
}

/** The least ef that reaches the target. */
async function tuned({ contender, setup, queries }: typeof opened) {
  const { truth, k, target } = setup;
  const few = contender.efs ? truth.length : Math.min(20, truth.length);
  let recall = 0;
  let ef: number | null = null;
  for (const next of contender.efs ?? [null]) {
    if (next !== null) await contender.setEf?.(next);
    ef = next;
    const found = await contender.search(queries.slice(0, few), k);
    const hits = found.map((ids, q) => ids.filter((id) => truth[q]!.includes(id)).length / k);
    recall = hits.reduce((sum, share) => sum + share, 0) / few;
    if (recall >= target) break;
  }
  return { recall, ef };
}

async function round({ first, count }: { first: number; count: number }): Promise<Round> {
  const { contender, queries, setup } = opened;
  const part = Array.from({ length: count }, (_, i) => queries[(first + i) % queries.length]!);
  const started = performance.now();
  await contender.search(part, setup.k);
  return { queriesPerSecond: (1000 * count) / (performance.now() - started) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as Command;
  const answer = await ('open' in command ? open(command.open) : round(command.round)).catch(
    (error: Error) => ({ failure: error.message.split('\n')[0] }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
