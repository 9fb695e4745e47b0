// Schedule, ranks, optimizer and checkpoints against formulas written out again.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '#random';
import { openSession, Tensor } from '#runtime';
import { augment, AUGMENTATIONS } from '../../services/training/augment';
import { loadCheckpoint, saveCheckpoint } from '../../services/training/checkpoint';
import { rankOf } from '../../services/training/ranks';
import { ADAMW_DEFAULTS, buildOptimizerGraph } from '../../services/training/optimizer-graph';
import { splitPairs } from '../../services/training/pairs';
import { learningRate } from '../../services/training/schedule';

describe('learning rate', () => {
  test('rises linearly to the peak, then falls to zero as a cosine', () => {
    expect(learningRate(0, 100, 10, 2)).toBeCloseTo(0.2);
    expect(learningRate(9, 100, 10, 2)).toBeCloseTo(2);
    expect(learningRate(55, 100, 10, 2)).toBeCloseTo(1);
    expect(learningRate(100, 100, 10, 2)).toBeCloseTo(0);
  });
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

describe('splitting', () => {
  test('is by picture, complete and the same for a seed', () => {
    const pairs = Array.from({ length: 50 }, (_, i) => ({ image: `${i}`, captions: ['x'] }));
    const { train, validation } = splitPairs(pairs, 0.2, 7);
    expect(validation).toHaveLength(10);
    expect(new Set([...train, ...validation].map(({ image }) => image)).size).toBe(50);
    expect(splitPairs(pairs, 0.2, 7)).toEqual({ train, validation });
  });
});

describe('AdamW', () => {
  test('clips by global norm, decays matrices only, clamps bounded scalars', async () => {
    const parameters = [
      { name: 'matrix', dims: [1, 2], decay: true, rate: 1 },
      { name: 'bias', dims: [2], decay: false, rate: 1 },
      { name: 'scale', dims: [], decay: false, rate: 1, bounds: [0, 1] as [number, number] },
    ];
    const options = { ...ADAMW_DEFAULTS, weightDecay: 0.5, clipNorm: 1 };
    const session = await openSession(buildOptimizerGraph(parameters, options, 'cpu'));
    const gradients = { matrix: [3, 0], bias: [0, 4], scale: [-12] };
    const weights = { matrix: [1, 1], bias: [1, 1], scale: [0.99] };
    const [rate, step] = [0.1, 3];
    const feeds: Record<string, Tensor> = {
      learning_rate: new Tensor('float32', Float32Array.of(rate), []),
      correction1: new Tensor('float32', Float32Array.of(1 - options.beta1 ** step), []),
      correction2: new Tensor('float32', Float32Array.of(1 - options.beta2 ** step), []),
    };
    for (const { name, dims } of parameters) {
      const key = name as keyof typeof weights;
      feeds[name] = new Tensor('float32', Float32Array.from(weights[key]), dims);
      feeds[`gradient.${name}`] = new Tensor('float32', Float32Array.from(gradients[key]), dims);
      feeds[`moment1.${name}`] = new Tensor('float32', new Float32Array(weights[key].length), dims);
      feeds[`moment2.${name}`] = new Tensor('float32', new Float32Array(weights[key].length), dims);
    }
    const outputs = await session.run(feeds);
    expect(Number(outputs['gradient_norm']!.data[0])).toBeCloseTo(13, 5);

    const expected = (weight: number, gradient: number, decay: boolean) => {
      const g = gradient / 13;
      const m = ((1 - options.beta1) * g) / (1 - options.beta1 ** step);
      const v = ((1 - options.beta2) * g * g) / (1 - options.beta2 ** step);
      const kept = decay ? weight * (1 - rate * options.weightDecay) : weight;
      return kept - (rate * m) / (Math.sqrt(v) + options.epsilon);
    };
    const next = (name: string) => Array.from(outputs[`next.${name}`]!.data as Float32Array);
    expect(next('matrix')[0]).toBeCloseTo(expected(1, 3, true), 4);
    expect(next('matrix')[1]).toBeCloseTo(expected(1, 0, true), 4);
    expect(next('bias')[0]).toBeCloseTo(1, 5);
    expect(next('bias')[1]).toBeCloseTo(expected(1, 4, false), 4);
    expect(next('scale')).toEqual([1]);
  });
});

describe('augmentation', () => {
  const picture = { data: new Uint8Array(40 * 30 * 3).fill(128), width: 40, height: 30 };
  const view = { width: 8, height: 8, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };

  test('"none" is the centre square, normalised', () => {
    for (let row = 0; row < 30; row++) picture.data.fill(255, row * 120, row * 120 + 15);
    const out = new Float32Array(3 * 64);
    augment(picture, view, AUGMENTATIONS.none, new Random(1), out);
    out.forEach((value) => expect(value).toBeCloseTo((128 / 255 - 0.5) / 0.25, 5));
  });

  test('is the same for a seed and differs between seeds', () => {
    const noisy = { ...picture, data: picture.data.map((_, index) => (index * 7919) % 256) };
    const views = [4, 4, 5].map((seed) => {
      const out = new Float32Array(3 * 64);
      augment(noisy, view, AUGMENTATIONS.strong, new Random(seed), out);
      return out;
    });
    expect(views[1]).toEqual(views[0]);
    expect(views[2]).not.toEqual(views[0]);
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
