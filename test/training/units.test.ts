// Schedule, ranks, optimizer and checkpoints against formulas written out again.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RUN_DEFAULTS } from '#training';
import { loadCheckpoint, saveCheckpoint } from '../../services/training/checkpoint';
import { defaultRate } from '../../services/training/tower/default-rate';
import { rankOf } from '../../services/training/evaluation/ranks';
import { settlePace } from '../../services/training/settle-pace';
import { learningRate } from '../../services/training/step/schedule';

describe('learning rate', () => {
  test('rises linearly to the peak, then falls to zero as a cosine', () => {
    expect(learningRate(0, 100, 10, 2)).toBeCloseTo(0.2);
    expect(learningRate(9, 100, 10, 2)).toBeCloseTo(2);
    expect(learningRate(55, 100, 10, 2)).toBeCloseTo(1);
    expect(learningRate(100, 100, 10, 2)).toBeCloseTo(0);
  });

  test('stays at the peak until the last steps, where it is told so', () => {
    expect(learningRate(4, 100, 10, 2, 16)).toBeCloseTo(1);
    expect(learningRate(84, 100, 10, 2, 16)).toBe(2);
    // A quarter of the way down, half of the peak is left: 1 − √¼.
    expect(learningRate(88, 100, 10, 2, 16)).toBeCloseTo(1);
    expect(learningRate(100, 100, 10, 2, 16)).toBe(0);
  });
});

test('the default learning rate falls with the numbers trained, within bounds', () => {
  const rates = (adapters: boolean) =>
    [1e5, 5.7e6, 22e6, 151e6, 9e8].map((numbers) => defaultRate(numbers, 10_000, adapters));
  expect(rates(false)).toEqual([1e-3, 9.9e-4, 1.8e-4, 1.5e-5, 1e-5]);
  expect(rates(true)).toEqual([3e-3, 3e-3, 1.8e-3, 1.5e-4, 1.5e-5]);
  // Few pictures bound it, where it is not low already.
  expect([5, 180, 2000].map((pictures) => defaultRate(5.7e6, pictures))).toEqual([
    1e-5, 9e-5, 9.9e-4,
  ]);
  expect(defaultRate(151e6, 180)).toBe(1.5e-5);
  expect(defaultRate(5.7e6, 180, true)).toBe(9e-4);
});

describe('ranks', () => {
  const scores = Float32Array.of(0.1, 0.9, 0.5, 0.9);
  test('count the better candidates', () => {
    expect(rankOf(scores, [2])).toBe(3);
    expect(rankOf(scores, [0, 2])).toBe(3);
  });
  test('a tie with a wrong candidate counts against, a tie among right ones does not', () => {
    expect(rankOf(scores, [1])).toBe(2);
    expect(rankOf(scores, [1, 3])).toBe(1);
    expect(rankOf(new Float32Array(5), [0])).toBe(5);
  });
});

describe('checkpoints', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'bifocal-checkpoint-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('come back as they were, and a damaged one is refused', async () => {
    const file = path.join(folder, 'checkpoint.bin');
    const values = new Map([
      ['a', Float32Array.of(1, -2.5)],
      ['moment1.a', Float32Array.of(0)],
    ]);
    await saveCheckpoint(file, 12, values);
    expect(await loadCheckpoint(file)).toEqual({ step: 12, values });
    const content = await readFile(file);
    await writeFile(file, content.subarray(0, content.length - 3));
    await expect(loadCheckpoint(file)).rejects.toThrow(/ends early/);
    await writeFile(file, 'something else');
    await expect(loadCheckpoint(file)).rejects.toThrow(/is not a checkpoint/);
  });
});

describe('batches and epochs that nobody asked for', () => {
  const settings = { ...RUN_DEFAULTS, model: 'base', data: 'data.jsonl' };
  test.each([
    [2, 2, 40],
    [40, 40, 40],
    [65, 32, 40],
    [180, 60, 34],
    [900, 60, 10],
    [3000, 63, 10],
  ])('%i pictures: batches of %i, %i epochs', (pictures, batchSize, epochs) => {
    expect(settlePace(settings, pictures)).toEqual({ ...settings, batchSize, epochs });
  });

  test('are left alone where somebody did', () => {
    const asked = { ...settings, batchSize: 7, epochs: 0.5 };
    expect(settlePace(asked, 1000)).toEqual(asked);
  });
});
