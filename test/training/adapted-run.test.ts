// Runs of adapters, of frozen towers by their embeddings, and of averages: from files to files.

import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadDualEncoder, readModelFolder } from '#model';
import { readModel, type TensorData } from '#onnx';
import {
  mergeAdapters,
  readPairs,
  RunFolder,
  train,
  TrainingInterrupted,
  type RunSettings,
  type TrainOptions,
} from '#training';
import { loadCheckpoint } from '../../services/training/checkpoint';
import { openCourse, type Course } from '../../services/training/course';
import { losses, quiet, tinyRun } from './whole-run';

let folder: string;
let settings: RunSettings;

beforeAll(async () => {
  ({ folder, settings } = await tinyRun(4, {
    epochs: 4,
    evaluateEvery: 100,
    batchSize: 12,
  }));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const runOf = (name: string) => new RunFolder(path.join(folder, name));

async function openOf(run: RunFolder, given: RunSettings): Promise<Course> {
  const options = { device: 'cpu' as const, threads: 1, onProgress: () => {}, onNote: () => {} };
  const base = await readModelFolder(given.model);
  return openCourse(run, given, base, await readPairs(given.data), options);
}

/** Interrupts the run after some steps, and lets it go on. */
async function interrupted(run: RunFolder, given: RunSettings, steps: number): Promise<void> {
  const stop = new AbortController();
  const onProgress: TrainOptions['onProgress'] = ({ phase, done }) =>
    phase === 'train' && done === steps && stop.abort();
  await expect(train(run, given, { ...quiet, onProgress, signal: stop.signal })).rejects.toThrow(
    TrainingInterrupted,
  );
  await train(run, given, quiet);
}

function bytes({ buffer, byteOffset, byteLength }: TensorData): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Names of the weights in which two models differ, with their tower. */
async function changed(before: string, after: string): Promise<string[]> {
  const [a, b] = await Promise.all([readModelFolder(before), readModelFolder(after)]);
  const names: string[] = [];
  for (const tower of ['textModel', 'visionModel'] as const) {
    const [old, fresh] = await Promise.all([readModel(a[tower]), readModel(b[tower])]);
    for (const [name, { data }] of fresh.graph.initializers) {
      if (Buffer.compare(bytes(data), bytes(old.graph.initializers.get(name)!.data)) !== 0)
        names.push(name);
    }
  }
  return names;
}

async function embeddings(model: string): Promise<number[]> {
  const encoder = await loadDualEncoder(model, { threads: 1 });
  const pairs = (await readPairs(settings.data)).slice(0, 6);
  const rows = [
    ...(await encoder.encodeImages(pairs.map(({ image }) => image))),
    ...(await encoder.encodeTexts(pairs.map(({ captions }) => captions[0]!))),
  ];
  await encoder.dispose();
  return rows.flatMap((row) => [...row]);
}

test('adapters alone are trained and saved; merged into the base they are the tuned model', async () => {
  const run = runOf('lora');
  const adapted = { ...settings, epochs: 40, learningRate: 1e-2, lora: { rank: 4 } };
  const { evaluation, model, loss } = await train(run, adapted, quiet);
  expect(loss.last).toBeLessThan(loss.first * 0.7);
  expect(evaluation!.after.imageToText.r1).toBeGreaterThan(evaluation!.before.imageToText.r1 + 0.3);

  const projections = ['self_attn.in_proj', 'self_attn.out_proj', 'mlp.fc1', 'mlp.fc2'].map(
    (part) => `encoder.layers.0.${part}.weight`,
  );
  expect((await changed(settings.model, model)).sort()).toEqual(
    ['text_model', 'vision_model']
      .flatMap((tower) => projections.map((name) => `${tower}.${name}`))
      .sort(),
  );
  const names = [...(await loadCheckpoint(run.checkpoint)).values.keys()];
  expect(names.every((name) => /lora_[AB]$|logit_scale$/.test(name))).toBe(true);
  const { textModel } = await readModelFolder(settings.model);
  expect((await stat(run.checkpoint)).size).toBeLessThan((await stat(textModel)).size / 2);
  expect((await stat(run.adapters)).size).toBeLessThan((await stat(run.checkpoint)).size / 2);

  const merged = path.join(folder, 'merged');
  await mergeAdapters(await readModelFolder(settings.model), run.adapters, merged);
  const [expected, actual] = [await embeddings(model), await embeddings(merged)];
  actual.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 5));
  expect((await readModelFolder(merged)).config.logitScale).toBeCloseTo(
    (await readModelFolder(model)).config.logitScale,
    5,
  );
  await expect(
    mergeAdapters(await readModelFolder(model), run.adapters, path.join(folder, 'wrong')),
  ).rejects.toThrow(/belong to another model/);
  await expect(
    mergeAdapters(await readModelFolder(model), run.checkpoint, path.join(folder, 'wrong')),
  ).rejects.toThrow(/checkpoint\.bin is not a/);
});

test('a run of adapters, rates and averages goes on as if it had not stopped', async () => {
  const mixed: RunSettings = {
    ...settings,
    holdout: 0,
    lora: { rank: 2, targets: 'mlp' },
    layerDecay: 0.7,
    rates: { scale: 1e-4 },
    ema: 0.9,
    microBatch: 6,
  };
  const [whole, parts] = [runOf('whole'), runOf('parts')];
  const { model } = await train(whole, mixed, quiet);
  await interrupted(parts, mixed, 5);
  expect(await losses(parts)).toEqual(await losses(whole));
  expect(await changed(model, parts.model)).toEqual([]);
});

test('what is exported with ema is the average that the recurrence gives', async () => {
  const averaged = { ...settings, ema: 0.5 };
  const course = await openOf(runOf('ema'), averaged);
  const name = 'text.text_projection.weight';
  let expected = [...course.base.get(name)!];
  for (let step = 0; step < 3; step++) {
    await course.step(step, 1e-3);
    const weights = (await course.state()).get(name)!;
    const decay = Math.min(0.5, (1 + step) / (10 + step));
    expected = expected.map((value, index) => decay * value + (1 - decay) * weights[index]!);
  }
  const actual = course.exported(await course.state()).get(name)!;
  actual.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 6));
  await course.release();
});

test.each(['image', 'text'] as const)(
  'the embeddings of a frozen %s tower give the losses of the tower',
  async (freeze) => {
    const take = async (name: string, change: Partial<RunSettings>) => {
      const run = runOf(`${name}-${freeze}`);
      const course = await openOf(run, { ...settings, augmentation: 'none', ...change });
      const taken: number[] = [];
      for (let step = 0; step < 5; step++) taken.push((await course.step(step, 3e-3)).loss);
      const weights = [...course.exported(await course.state()).keys()];
      await course.release();
      return { run, taken, weights };
    };
    // A tower whose rate is 0 is not trained either, but run in each step.
    const whole = await take('whole', { rates: { [freeze]: 0 } });
    const frozen = await take('frozen', { freeze });
    frozen.taken.forEach((loss, step) => expect(loss).toBeCloseTo(whole.taken[step]!, 3));
    expect(frozen.taken[4]).not.toBeCloseTo(frozen.taken[0]!, 2);
    expect(frozen.weights.filter((name) => name.startsWith(`${freeze}.`))).toEqual([]);

    const file = path.join(frozen.run.path, `${freeze}-embeddings.bin`);
    const { mtimeMs } = await stat(file);
    expect((await take('frozen', { freeze })).taken).toEqual(frozen.taken);
    expect((await stat(file)).mtimeMs).toBe(mtimeMs);
  },
);

test('nothing left to train, and targets that match nothing, are said before anything is written', async () => {
  const open = (change: Partial<RunSettings>) =>
    train(runOf('none'), { ...settings, ...change }, quiet);
  await expect(open({ rates: { text: 0, image: 0, head: 0 } })).rejects.toThrow(/nothing is left/);
  await expect(open({ lora: { rank: 2, targets: 'q_proj' } })).rejects.toThrow(
    /no weight matches --lora-targets q_proj; there are: text_model/,
  );
  await expect(stat(path.join(folder, 'none'))).rejects.toThrow(/ENOENT/);
});
