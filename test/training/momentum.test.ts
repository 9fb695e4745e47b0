// Queues, momentum towers, and runs with them: in order, by the formula, and the same after a resume.

import { describe, expect, test } from 'vitest';
import { Random } from '#random';
import type { Tensor } from '#runtime';
import { openGradients } from '../../services/training/step/gradients';
import { buildObjective, type ObjectiveSettings } from '../../services/training/loss/objective';
import { Momentum } from '../../services/training/step/momentum';
import { ADAMW_DEFAULTS } from '../../services/training/step/optimizer';
import { Queue } from '../../services/training/step/queue';
import { Stepper, type StateValues } from '../../services/training/step/stepper';
import { initialState, randomBatch, SHAPE, stepTowers, tinyTowers } from './tiny';

describe('a queue', () => {
  const isTrue = (row: number, entry: number) => row === entry;
  const numbers = (queue: Queue) => Array.from(queue.read().get('q.numbers')!);

  test('is first in, first out, of normalised embeddings', () => {
    const queue = new Queue('q', 3, 2, new Map());
    queue.push(Float32Array.of(3, 4, 0, 2), [10, 11]);
    expect(numbers(queue)).toEqual([10, 11, -1]);
    queue.push(Float32Array.of(-5, 0, 0, -1), [12, 13]);
    expect(numbers(queue)).toEqual([13, 11, 12]);
    const expected = [0, -1, 0, 1, -1, 0];
    expected.forEach((x, k) => expect(queue.tensor().data[k]).toBeCloseTo(x, 6));
  });

  test('is empty where nothing was put in', () => {
    const queue = new Queue('q', 2, 2, new Map());
    queue.push(Float32Array.of(3, 4), [1]);
    const expected = [3 / 5, 4 / 5, 0, 0];
    expected.forEach((x, k) => expect(queue.tensor().data[k]).toBeCloseTo(x, 6));
  });

  test('offers no row what is true of it, nor places that are empty', () => {
    const queue = new Queue('q', 4, 1, new Map());
    queue.push(Float32Array.of(1, 1, 1), [5, 6, 5]);
    const { data, dims } = queue.allowed([5, 6, 7], isTrue);
    expect(dims).toEqual([3, 4]);
    expect(Array.from(data as Float32Array)).toEqual([0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 1, 0]);
  });

  test('goes on from what was read of it', () => {
    const whole = new Queue('q', 3, 1, new Map());
    whole.push(Float32Array.of(1, -1), [1, 2]);
    const copy = new Queue('q', 3, 1, whole.read());
    for (const queue of [whole, copy]) queue.push(Float32Array.of(4, 5), [3, 4]);
    expect(copy.read()).toEqual(whole.read());
  });
});

const SIZE = { pairs: SHAPE.size, length: SHAPE.length };
const CPU = { device: 'cpu', threads: 1 } as const;
const RATE = 1e-2;
const MOMENTUM = 0.9;

/** Caption n is of picture n, that of picture 1 also true of picture 0, as in randomBatch. */
const captionsOf = (picture: number) => (picture === 0 ? [0, 1] : [picture]);

/** A run of steps over tiny towers, from the beginning or from a saved state. */
async function openRun(settings: ObjectiveSettings, saved?: StateValues) {
  const objective = buildObjective(settings);
  const towers = tinyTowers();
  const { text, image } = stepTowers(towers);
  const sides = {
    text: objective.text ? text : undefined,
    image: { ...image, rows: objective.views },
  };
  const gradients = await openGradients({
    ...sides,
    ...CPU,
    objective,
    batchSize: SHAPE.size,
    microBatch: SHAPE.size,
    length: SHAPE.length,
  });
  const start = { logitScale: 2, logitBias: -10, random: new Random(3) };
  const initial = new Map([
    ...initialState(towers),
    ...gradients.parameters.flatMap(({ name, initial: first }) =>
      first ? [[name, first(start)] as const] : [],
    ),
  ]);
  const values = saved ?? initial;
  const stepper = await Stepper.open(gradients, values, { ...CPU, optimizer: ADAMW_DEFAULTS });
  const options = { ...sides, ...CPU, objective, size: SIZE, momentum: MOMENTUM, captionsOf };
  const momentum = await Momentum.open(values, options);
  const step = async (index: number) => {
    const batch = randomBatch(100 + index, SHAPE, objective.views);
    const extra = (await momentum?.before(batch)) ?? {};
    const { loss } = await stepper.step({ ...batch, extra }, index, RATE);
    await momentum?.after(batch, extra, stepper.weights());
    return loss;
  };
  const read = async (): Promise<StateValues> => {
    const all = [...(await stepper.read()), ...((await momentum?.read()) ?? [])];
    return new Map(all.map(([name, value]) => [name, value.slice()]));
  };
  const release = async () => {
    await stepper.release();
    await momentum?.release();
  };
  return { initial, momentum, step, read, release };
}

const QUEUED: ObjectiveSettings = { loss: 'infonce', queue: 9, hardNegatives: 1 };
const BYOL: ObjectiveSettings = { loss: 'none', selfSupervised: { kind: 'byol', weight: 1 } };

describe.each<ObjectiveSettings>([QUEUED, BYOL])('a run with %j', (settings) => {
  test('has the same losses after a resume', async () => {
    const whole = await openRun(settings);
    const losses: number[] = [];
    let saved: StateValues | undefined;
    for (let index = 0; index < 6; index++) {
      if (index === 3) saved = await whole.read();
      losses.push(await whole.step(index));
    }
    const resumed = await openRun(settings, saved);
    for (let index = 3; index < 6; index++) {
      expect(Math.abs((await resumed.step(index)) - losses[index]!)).toBeLessThanOrEqual(1e-6);
    }
    await Promise.all([whole.release(), resumed.release()]);
  });

  test('averages exactly what is trained, by the formula', async () => {
    const run = await openRun(settings);
    const averages = new Map<string, number[]>();
    for (let index = 0; index < 2; index++) {
      await run.step(index);
      for (const [name, weight] of await run.read()) {
        if (!/^(text|image)\./.test(name)) continue;
        const before = averages.get(name) ?? Array.from(run.initial.get(name)!);
        const next = before.map((x, k) => MOMENTUM * x + (1 - MOMENTUM) * weight[k]!);
        averages.set(name, next);
      }
    }
    const state = await run.read();
    const kept = [...state.keys()].filter((name) => name.startsWith('momentum.'));
    expect(kept.sort()).toEqual([...averages.keys()].map((name) => `momentum.${name}`).sort());
    for (const [name, expected] of averages) {
      const actual = state.get(`momentum.${name}`)!;
      expected.forEach((x, k) => expect(Math.abs(actual[k]! - x)).toBeLessThan(1e-6));
    }
    await run.release();
  });
});

test('a loss without queue or target needs no momentum towers', async () => {
  const run = await openRun({ loss: 'infonce' });
  expect(run.momentum).toBeUndefined();
  await run.release();
});

test('queues hold the momentum embeddings of the last rows', async () => {
  const run = await openRun(QUEUED);
  const embedded: number[][] = [];
  for (let index = 0; index < 2; index++) {
    const batch = randomBatch(100 + index);
    const { data } = (await run.momentum!.before(batch))['momentum.text'] as Tensor;
    for (let row = 0; row < SHAPE.size; row++) {
      const vector = Array.from((data as Float32Array).subarray(row * 8, row * 8 + 8));
      embedded.push(vector.map((x) => x / Math.hypot(...vector)));
    }
    await run.step(index);
  }
  const state = await run.read();
  // Twelve rows through nine places: the last three lie where the first three did.
  const expected = [...embedded.slice(9), ...embedded.slice(3, 9)].flat();
  state.get('queue.text')!.forEach((x, k) => expect(x).toBeCloseTo(expected[k]!, 5));
  expect(Array.from(state.get('queue.image.numbers')!)).toEqual([3, 4, 5, 3, 4, 5, 0, 1, 2]);
  await run.release();
});
