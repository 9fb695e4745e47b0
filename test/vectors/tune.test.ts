// Tuning against brute force: the recall that it reports is true, and what it keeps reaches the target.

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findTruth, readTuning, tuneHnsw, writeTuning, type Tuning } from '#vectors';
import { hardSet } from '../../scripts/bench/vectors';
import { range, ranking, recall, rowOf } from './data';

const [count, dimension] = [3_000, 32];
const { vectors, queries: rows } = hardSet({ count, dimension, queries: 60 });
const queries = range(60).map((row) => rowOf(rows, dimension, row));

describe('tuning', () => {
  it('reports the recall that brute force finds, and keeps what reaches the target', async () => {
    const half = (count / 2) * dimension;
    const batches = [0, 1].map((n) => ({
      ids: range(count / 2, (n * count) / 2),
      vectors: vectors.subarray(n * half, (n + 1) * half),
    }));
    const found = await findTruth(queries, 10, dimension, batches);
    const { trials, chosen, index } = await tuneHnsw({
      truth: found,
      target: 0.95,
      dimension,
      size: count,
      fill: async (graph) => graph.add(range(count), vectors),
    });
    const truth = queries.map((query) => ranking(query, vectors, dimension).slice(0, 10));
    expect(found.neighbours.map((near) => near.map(({ id }) => id))).toEqual(truth);
    const answers = await Promise.all(queries.map((query) => index.search(query, 10)));
    const measured = recall(
      answers.map((neighbours) => neighbours.map(({ id }) => id)),
      truth,
    );
    const same = trials.find(
      (trial) =>
        trial.method === 'hnsw' && trial.M === index.settings.M && trial.ef === index.settings.ef,
    );
    expect(same!.recall).toBeCloseTo(measured, 2);
    expect(measured).toBeGreaterThanOrEqual(0.95);
    expect(chosen.recall).toBeGreaterThanOrEqual(0.95);
    expect(trials.every(({ ms }) => chosen.ms <= ms || chosen.recall >= 0.95)).toBe(true);
    await index.close();
  });
});

describe('the choice beside an index', () => {
  const tuning: Tuning = {
    method: 'hnsw',
    M: 32,
    efConstruction: 200,
    ef: 96,
    recall: 0.993,
    target: 0.99,
    size: 100_000,
  };

  it('comes back as it was written, and is none where it cannot be read', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'bifocal-tuning-'));
    try {
      const file = path.join(folder, 'deep', 'image.hnsw');
      expect(await readTuning(file)).toBeUndefined();
      await writeTuning(file, tuning);
      expect(await readTuning(file)).toEqual(tuning);
      const [only] = await readdir(path.dirname(file));
      for (const text of ['', '{', '{"version":2}', 'null']) {
        await writeFile(path.join(path.dirname(file), only!), text);
        expect(await readTuning(file)).toBeUndefined();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
