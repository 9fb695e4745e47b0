// The linear probe: its minimiser on functions with known minima, its classifier at a stationary point.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadDualEncoder } from '#model';
import { Random } from '#random';
import { probe, readPairs } from '#training';
import { minimize } from '../../services/training/evaluation/lbfgs';
import { fit, predict } from '../../services/training/evaluation/logistic';
import { writeShapes } from './shapes';

describe('L-BFGS', () => {
  test("ends in the minimum of Rosenbrock's valley", async () => {
    const rosenbrock = async (x: Float64Array) => {
      const [a, b] = x as unknown as [number, number];
      const gradient = Float64Array.of(-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a));
      return { value: (1 - a) ** 2 + 100 * (b - a * a) ** 2, gradient };
    };
    const [a, b] = await minimize(rosenbrock, Float64Array.of(-1.2, 1), { tolerance: 1e-8 });
    expect(a).toBeCloseTo(1, 6);
    expect(b).toBeCloseTo(1, 6);
  });
});

test('logistic regression: the gradient of its loss, written out, vanishes at the fit', async () => {
  const random = new Random(3);
  const [count, width, classes, lambda] = [60, 4, 3, 0.01];
  const rows = Array.from({ length: count }, () =>
    Float32Array.from({ length: width }, () => random.normal()),
  );
  const labels = rows.map((row) =>
    row[0]! > 0.5 ? 0 : row[1]! + 0.5 * random.normal() > 0 ? 1 : 2,
  );
  const classifier = await fit({ rows, classes: labels }, classes, lambda, 1);
  const w = (i: number, c: number) => classifier.weights[i * classes + c]!;
  for (let i = 0; i <= width; i++) {
    for (let c = 0; c < classes; c++) {
      let gradient = i < width ? lambda * w(i, c) : 0;
      rows.forEach((row, n) => {
        const logits = [0, 1, 2].map((k) =>
          row.reduce((sum, x, j) => sum + x * w(j, k), w(width, k)),
        );
        const total = logits.reduce((sum, z) => sum + Math.exp(z), 0);
        const error = Math.exp(logits[c]!) / total - (labels[n] === c ? 1 : 0);
        gradient += (error * (i < width ? row[i]! : 1)) / count;
      });
      expect(Math.abs(gradient)).toBeLessThan(1e-4);
    }
  }
  const right = rows.filter((row, n) => predict(classifier, row) === labels[n]).length;
  expect(right / count).toBeGreaterThan(0.8);
});

describe('probe', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'bifocal-probe-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('tells labels of pictures and of texts apart, split by picture', async () => {
    const data = await writeShapes(folder, 4);
    const rows = (await readFile(data, 'utf8')).trim().split('\n');
    const labelled = rows.map((row, index) => {
      const { image, caption } = JSON.parse(row) as { image: string; caption: string };
      const [, , shape] = caption.split(' ');
      return JSON.stringify({ image, caption: `${caption}, number ${index}`, label: shape });
    });
    const list = path.join(folder, 'labelled.jsonl');
    await writeFile(list, labelled.join('\n'));
    const encoder = await loadDualEncoder('starter', { threads: 1 });
    const { pictures, texts } = await probe(encoder, await readPairs(list), { threads: 1 });
    expect(pictures).toMatchObject({ train: 34, test: 14, classes: 3 });
    expect(pictures.accuracy).toBeGreaterThan(0.8);
    expect(pictures.majority).toBeLessThan(0.5);
    expect(texts).toMatchObject({ train: 34, test: 14, classes: 3 });
    expect(texts!.accuracy).toBeGreaterThan(texts!.majority + 0.2);
    // Captions alone are the labels; then there are no texts to probe.
    const plain = await probe(encoder, await readPairs(data), { threads: 1 });
    expect(plain.texts).toBeNull();
    expect(plain.pictures.classes).toBe(12);
    await encoder.dispose();
  });
});
