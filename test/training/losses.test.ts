// Every loss and its gradient against the formula written out, and what must never repel.

import { describe, expect, test } from 'vitest';
import { Random } from '#random';
import { deviceFailure, openSession, Tensor, type Device } from '#runtime';
import type { Batch } from '../../services/training/data/batch';
import { openGradients } from '../../services/training/step/gradients';
import { buildObjective, type ObjectiveSettings } from '../../services/training/loss/objective';
import { buildLossGraph } from '../../services/training/step/step-graph';
import {
  byolLoss,
  crossModalLoss,
  siglipLoss,
  viewLoss,
  type ContrastSettings,
  type Head,
  type LossData,
  type Matrix,
} from './loss-formulas';
import { initialState, randomBatch, SHAPE, stepTowers, tinyTowers } from './tiny';

const DIMENSION = 3;
const QUEUE = 4;

/**
 * Three pictures of which 0 and 2 share a caption and 1 has two captions in the batch, each in
 * `views` rows.
 */
function draw(views: 1 | 2, seed = 1): LossData {
  const random = new Random(seed);
  const matrix = (rows: number, columns = DIMENSION): Matrix =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.normal()));
  const perPicture = [
    [1, 0, 0, 1],
    [0, 1, 1, 0],
    [1, 0, 0, 1],
  ];
  const rows = 3 * views;
  const picture = (row: number) => Math.floor(row / views);
  const hidden = 4 * DIMENSION;
  const flags = (count: number) =>
    Array.from({ length: count }, () => Array.from({ length: QUEUE }, () => random.below(2)));
  return {
    image: matrix(rows),
    text: matrix(4),
    head: {
      logit_scale: 1.3,
      logit_bias: -0.8,
      'predictor.hidden.weight': matrix(DIMENSION, hidden),
      'predictor.norm.weight': matrix(1, hidden)[0]!,
      'predictor.norm.bias': matrix(1, hidden)[0]!,
      'predictor.output.weight': matrix(hidden, DIMENSION),
      'predictor.output.bias': matrix(1, DIMENSION)[0]!,
    },
    positives: Array.from({ length: rows }, (_, row) => perPicture[picture(row)]!),
    pictures: Array.from({ length: rows }, (_, row) => picture(row)),
    queueImage: unit(matrix(QUEUE)),
    queueText: unit(matrix(QUEUE)),
    queueImageAllowed: flags(4),
    queueTextAllowed: flags(rows),
    momentumImage: matrix(rows),
  };
}

function unit(matrix: Matrix): Matrix {
  return matrix.map((row) => row.map((x) => x / Math.hypot(...row)));
}

function tensor(value: number | number[] | Matrix): Tensor {
  if (typeof value === 'number') return new Tensor('float32', Float32Array.of(value), []);
  const dims = Array.isArray(value[0]) ? [value.length, value[0].length] : [value.length];
  return new Tensor('float32', Float32Array.from(value.flat()), dims);
}

function batchOf(data: LossData): Batch {
  return {
    image: {},
    text: {},
    positives: tensor(data.positives),
    pictures: Int32Array.from(data.pictures),
    captions: Int32Array.from(data.text.keys()),
    length: 1,
    extra: {
      'queue.image': tensor(data.queueImage),
      'queue.text': tensor(data.queueText),
      'queue.image.allowed': tensor(data.queueImageAllowed),
      'queue.text.allowed': tensor(data.queueTextAllowed),
      'momentum.image': tensor(data.momentumImage),
    },
  };
}

/** The loss, and its gradient of `image`, `text` and each of the head, flat. */
async function compute(settings: ObjectiveSettings, data: LossData, device: Device = 'cpu') {
  const objective = buildObjective(settings);
  const shapes = {
    image: [data.image.length, DIMENSION],
    text: objective.text ? [data.text.length, DIMENSION] : undefined,
  };
  const { model, parameters } = buildLossGraph(objective, shapes, device);
  const session = await openSession(model, { device, threads: 1 });
  const { loss, ...gradients } = await session.run({
    image: tensor(data.image),
    ...(objective.text && { text: tensor(data.text) }),
    ...objective.feeds(batchOf(data)),
    ...Object.fromEntries(
      parameters.map(({ name }) => [name, tensor(data.head[name as keyof Head])]),
    ),
  });
  await session.release();
  return {
    loss: Number(loss!.data[0]),
    gradients: new Map(
      Object.entries(gradients).map(([name, { data: values }]) => [
        name.slice('gradient.'.length),
        Array.from(values as Float32Array),
      ]),
    ),
  };
}

/** The same data with one number of one part moved. */
function moved(data: LossData, part: string, index: number, step: number): LossData {
  const copy = structuredClone(data);
  const holder: Record<string, number | number[] | Matrix> =
    part === 'image' || part === 'text' ? { [part]: copy[part] } : { ...copy.head };
  const value = holder[part]!;
  if (typeof value === 'number') copy.head[part as 'logit_scale'] = value + step;
  else if (typeof value[0] === 'number') (value as number[])[index]! += step;
  else {
    const width = (value as Matrix)[0]!.length;
    (value as Matrix)[Math.floor(index / width)]![index % width]! += step;
  }
  return copy;
}

const contrast = (settings: ContrastSettings) => (data: LossData) => crossModalLoss(data, settings);

const CASES: [string, ObjectiveSettings, (data: LossData) => number][] = [
  ['InfoNCE', { loss: 'infonce' }, contrast({})],
  ['label smoothing', { loss: 'infonce', labelSmoothing: 0.2 }, contrast({ smoothing: 0.2 })],
  ['hard negatives', { loss: 'infonce', hardNegatives: 3 }, contrast({ beta: 3 })],
  ['a queue', { loss: 'infonce', queue: QUEUE }, contrast({ queue: true })],
  ['NT-Xent', { loss: 'ntxent' }, contrast({ intraModal: true })],
  [
    'NT-Xent with all options',
    { loss: 'ntxent', labelSmoothing: 0.1, hardNegatives: 2, queue: QUEUE },
    contrast({ intraModal: true, smoothing: 0.1, beta: 2, queue: true }),
  ],
  ['SigLIP', { loss: 'siglip' }, siglipLoss],
  [
    'views alone',
    { loss: 'none', selfSupervised: { kind: 'ntxent', weight: 1 } },
    (data) => viewLoss(data, false),
  ],
  [
    'views beside InfoNCE',
    { loss: 'infonce', selfSupervised: { kind: 'ntxent', weight: 0.5 } },
    (data) => crossModalLoss(data, {}) + 0.5 * viewLoss(data, true),
  ],
  [
    'views beside NT-Xent',
    { loss: 'ntxent', selfSupervised: { kind: 'ntxent', weight: 2 } },
    (data) => crossModalLoss(data, { intraModal: true }) + 2 * viewLoss(data, true),
  ],
  ['BYOL alone', { loss: 'none', selfSupervised: { kind: 'byol', weight: 1 } }, byolLoss],
  [
    'BYOL beside SigLIP',
    { loss: 'siglip', selfSupervised: { kind: 'byol', weight: 0.3 } },
    (data) => siglipLoss(data) + 0.3 * byolLoss(data),
  ],
];

test.each(CASES)('%s: loss and gradient equal the formula', async (_name, settings, formula) => {
  const data = draw(settings.selfSupervised ? 2 : 1);
  const { loss, gradients } = await compute(settings, data);
  expect(loss).toBeCloseTo(formula(data), 5);
  expect(gradients.has('text')).toBe(settings.loss !== 'none');
  // BYOL's target is an input of the loss, but there is no gradient of it.
  expect([...gradients.keys()]).not.toContain('momentum.image');
  const step = 1e-5;
  for (const [part, values] of gradients) {
    const scale = Math.hypot(...values) + 1e-3;
    values.forEach((value, index) => {
      const at = (direction: number) => formula(moved(data, part, index, direction * step));
      const slope = (at(1) - at(-1)) / (2 * step);
      expect(Math.abs(value - slope) / scale, `${part}[${index}]`).toBeLessThan(2e-5);
    });
  }
});

/** Of all operations that the losses are made of, at least one loss each. */
const ON_WEBGPU = ['NT-Xent with all options', 'views alone', 'BYOL beside SigLIP'];

describe('on WebGPU', { timeout: 300_000 }, () => {
  test('losses and gradients are those of the CPU', async (context) => {
    if ((await deviceFailure('webgpu')) !== null) {
      context.skip('no WebGPU adapter answers on this machine');
    }
    for (const [name, settings] of CASES.filter(([one]) => ON_WEBGPU.includes(one))) {
      const data = draw(settings.selfSupervised ? 2 : 1);
      const actual = await compute(settings, data, 'webgpu');
      const expected = await compute(settings, data);
      expect(actual.loss, name).toBeCloseTo(expected.loss, 4);
      for (const [part, values] of expected.gradients) {
        const found = actual.gradients.get(part)!;
        const distance = Math.hypot(...values.map((value, index) => value - found[index]!));
        expect(distance, `${name}: ${part}`).toBeLessThan(1e-4 * Math.hypot(...values) + 1e-5);
      }
    }
  });
});

describe('plain InfoNCE', () => {
  const plain = { loss: 'infonce' } as const;
  test.each<[string, ObjectiveSettings]>([
    ['β = 0', { ...plain, hardNegatives: 0 }],
    ['no smoothing', { ...plain, labelSmoothing: 0 }],
    ['no queue', { ...plain, queue: 0 }],
    ['an empty queue', { ...plain, queue: QUEUE }],
    ['β → 0', { ...plain, hardNegatives: 1e-6 }],
  ])('is what is left with %s', async (_name, settings) => {
    const data = draw(1);
    data.queueImageAllowed = data.queueImageAllowed.map((row) => row.map(() => 0));
    data.queueTextAllowed = data.queueTextAllowed.map((row) => row.map(() => 0));
    const [expected, actual] = [await compute(plain, data), await compute(settings, data)];
    expect(actual.loss).toBeCloseTo(expected.loss, 5);
    for (const [part, values] of expected.gradients) {
      actual.gradients.get(part)!.forEach((value, index) => {
        expect(value).toBeCloseTo(values[index]!, 5);
      });
    }
  });
});

describe('what is never a negative', () => {
  const views = { loss: 'none', selfSupervised: { kind: 'ntxent', weight: 1 } } as const;

  test('views of the same picture under two rows of the batch: nothing is left to repel', async () => {
    const data = { ...draw(2), pictures: [7, 7, 7, 7, 7, 7] };
    const { loss, gradients } = await compute(views, data);
    expect(loss).toBeCloseTo(0, 6);
    gradients.get('image')!.forEach((value) => expect(value).toBeCloseTo(0, 6));
  });

  test('duplicates of a picture among others', async () => {
    const data = { ...draw(2), pictures: [0, 0, 1, 1, 0, 0] };
    const { loss } = await compute(views, data);
    expect(loss).toBeCloseTo(viewLoss(data, false), 5);
    expect(Math.abs(loss - viewLoss(draw(2), false))).toBeGreaterThan(0.01);
  });

  test('rows with a caption in common have no terms within their kind', async () => {
    const data = draw(1);
    data.positives = data.positives.map((row) => row.map(() => 1));
    const [without, within] = await Promise.all([
      compute({ loss: 'infonce' }, data),
      compute({ loss: 'ntxent' }, data),
    ]);
    expect(within.loss).toBeCloseTo(without.loss, 6);
    within.gradients.get('image')!.forEach((value, index) => {
      expect(value).toBeCloseTo(without.gradients.get('image')![index]!, 6);
    });
  });

  test('entries of the queue that are true of a row', async () => {
    const data = draw(1);
    const settings = { loss: 'infonce', queue: QUEUE } as const;
    data.queueTextAllowed = data.queueTextAllowed.map((row) => row.with(1, 0));
    data.queueImageAllowed = data.queueImageAllowed.map((row) => row.with(1, 0));
    const before = await compute(settings, data);
    data.queueText = data.queueText.with(1, [1, 0, 0]);
    data.queueImage = data.queueImage.with(1, [0, 1, 0]);
    expect(await compute(settings, data)).toEqual(before);
  });
});

describe('settings that contradict each other', () => {
  test.each<[ObjectiveSettings, RegExp]>([
    [{ loss: 'siglip', queue: 8 }, /--queue needs --loss infonce or ntxent, not siglip/],
    [{ loss: 'none', labelSmoothing: 0.1 }, /--label-smoothing needs --loss/],
    [{ loss: 'siglip', hardNegatives: 1 }, /--hard-negatives needs --loss/],
    [{ loss: 'none' }, /--loss none needs --self-supervised/],
    [{ loss: 'none', similar: 8 }, /--similar goes by captions/],
    [{ loss: 'infonce', momentum: 0.9 }, /--momentum averages nothing/],
    [
      { loss: 'infonce', freeze: 'image', selfSupervised: { kind: 'byol', weight: 1 } },
      /--freeze image/,
    ],
  ])('%j', (settings, message) => {
    expect(() => buildObjective(settings)).toThrow(message);
  });
});

test.each<ObjectiveSettings>([
  { loss: 'ntxent', queue: 5, hardNegatives: 1, labelSmoothing: 0.1 },
  { loss: 'infonce', selfSupervised: { kind: 'ntxent', weight: 1 } },
  { loss: 'none', selfSupervised: { kind: 'byol', weight: 1 } },
])('the gradient cache is one pass, split: %j', async (settings) => {
  const objective = buildObjective(settings);
  const towers = tinyTowers();
  const shape = { ...SHAPE, captions: 2 };
  const batch = randomBatch(4, shape, objective.views);
  const random = new Random(3);
  const numbers = (dims: number[], draw: () => number) =>
    new Tensor('float32', Float32Array.from({ length: dims[0]! * dims[1]! }, draw), dims);
  const images = batch.pictures.length;
  batch.extra = {
    'queue.image': numbers([5, 8], () => random.normal() / 3),
    'queue.text': numbers([5, 8], () => random.normal() / 3),
    'queue.image.allowed': numbers([batch.captions.length, 5], () => random.below(2)),
    'queue.text.allowed': numbers([images, 5], () => random.below(2)),
    'momentum.image': numbers([images, 8], () => random.normal()),
  };
  const { text, image } = stepTowers(towers, shape);
  const state = initialState(towers);
  const compute = async (microBatch: number) => {
    const source = await openGradients({
      text: objective.text ? text : undefined,
      image: { ...image, rows: objective.views },
      objective,
      batchSize: SHAPE.size,
      microBatch,
      length: SHAPE.length,
      device: 'cpu',
      threads: 1,
    });
    const start = { logitScale: 1, logitBias: 0, random: new Random(9) };
    const weights = Object.fromEntries(
      source.parameters.map(({ name, dims, initial }) => {
        const value = initial ? initial(start) : state.get(name)!;
        return [name, new Tensor('float32', value, dims)];
      }),
    );
    const { loss, gradients } = await source.compute(weights, batch);
    const copies = Object.entries(gradients).map(
      ([name, { data }]) => [name, Array.from(data as Float32Array)] as const,
    );
    await source.release();
    return { loss, gradients: new Map(copies) };
  };
  const [whole, split] = [await compute(SHAPE.size), await compute(2)];
  expect(split.loss).toBeCloseTo(whole.loss, 5);
  expect([...split.gradients.keys()].sort()).toEqual([...whole.gradients.keys()].sort());
  for (const [name, expected] of whole.gradients) {
    const actual = split.gradients.get(name)!;
    const distance = Math.hypot(...expected.map((value, index) => value - actual[index]!));
    expect(distance, name).toBeLessThan(1e-5 * Math.hypot(...expected) + 1e-5);
  }
});
