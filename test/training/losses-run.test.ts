// Whole runs with queue, BYOL and views: they learn without captions, and resume exactly.

import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadDualEncoder, readModelFolder } from '#model';
import {
  readPairs,
  RunFolder,
  train,
  TrainingInterrupted,
  type Pair,
  type RunSettings,
  type TrainOptions,
} from '#training';
import { writeShapes } from './shapes';
import { losses, quiet, tinyRun } from './whole-run';

let folder: string;
let settings: RunSettings;
let fresh: Pair[];

beforeAll(async () => {
  ({ folder, settings } = await tinyRun(12, {
    holdout: 0,
    epochs: 0.5,
    batchSize: 18,
  }));
  fresh = await readPairs(await writeShapes(path.join(folder, 'fresh'), 10, 99));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each<[string, Partial<RunSettings>]>([
  ['queue', { loss: 'ntxent', queue: 60, hardNegatives: 1, captionsPerPicture: 2 }],
  ['byol', { selfSupervised: { kind: 'byol', weight: 0.5 }, microBatch: 6 }],
])('a run with %s that was interrupted has the losses of a whole one', async (name, more) => {
  const short = { ...settings, ...more };
  const whole = new RunFolder(path.join(folder, `${name}-whole`));
  await train(whole, short, quiet);
  const parts = new RunFolder(path.join(folder, `${name}-parts`));
  const stop = new AbortController();
  const onProgress: TrainOptions['onProgress'] = ({ done }) => done === 2 && stop.abort();
  await expect(train(parts, short, { ...quiet, onProgress, signal: stop.signal })).rejects.toThrow(
    TrainingInterrupted,
  );
  const reopened = await RunFolder.open(parts.path);
  await train(reopened.run, reopened.settings, quiet);
  const [expected, actual] = [await losses(whole), await losses(parts)];
  expect(actual).toHaveLength(expected.length);
  actual.forEach((loss, step) => {
    expect(Math.abs(loss - expected[step]!)).toBeLessThanOrEqual(1e-6);
  });
});

/** Share of the pictures whose nearest other one shows the same, and the mean cosine of all. */
async function neighbours(model: string): Promise<{ right: number; cosine: number }> {
  const encoder = await loadDualEncoder(model, { threads: 1 });
  const vectors = await encoder.encodeImages(fresh.map(({ image }) => image));
  await encoder.dispose();
  let [right, sum] = [0, 0];
  vectors.forEach((vector, index) => {
    const cosines = vectors.map((other) => vector.reduce((dot, x, k) => dot + x * other[k]!, 0));
    sum += cosines.reduce((total, x) => total + x, -1);
    const nearest = cosines.indexOf(Math.max(...cosines.with(index, -2)));
    right += Number(fresh[nearest]!.captions[0] === fresh[index]!.captions[0]);
  });
  const count = vectors.length;
  return { right: right / count, cosine: sum / (count * (count - 1)) };
}

test.each(['ntxent', 'byol'] as const)(
  'without captions, %s tells apart what the base does not, and the text tower stays',
  async (kind) => {
    const alone: RunSettings = {
      ...settings,
      loss: 'none',
      selfSupervised: { kind, weight: 1 },
      epochs: 25,
    };
    const { model } = await train(new RunFolder(path.join(folder, kind)), alone, quiet);
    const [before, after] = [await neighbours(settings.model), await neighbours(model)];
    expect(after.right).toBeGreaterThan(before.right);
    expect(after.cosine).toBeLessThan(before.cosine - 0.2);
    const [base, tuned] = [await readModelFolder(settings.model), await readModelFolder(model)];
    expect((await readFile(base.textModel)).equals(await readFile(tuned.textModel))).toBe(true);
    expect(tuned.config.logitScale).toBe(base.config.logitScale);
  },
);
