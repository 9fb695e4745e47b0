// Towers as PyTorch exports them, with PyTorch's own embeddings, losses and gradients as reference.
// What is in the fixtures and how they were made: test/fixtures/pytorch/record.py.

import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readModel } from '#onnx';
import { readModelFolder, type ModelFolder } from '#model';
import { openSession, Tensor } from '#runtime';
import { lossAndGradients } from '../../services/training/step/loss-and-gradients';
import { exportModel } from '../../services/training/export';

import { readTower } from '../../services/training/tower/read-tower';
import { buildBackwardGraph, buildForwardGraph } from '../../services/training/step/step-graph';
import { parametersOf, type Tower } from '../../services/training/tower/tower';
import { zeroSums } from './tiny';

const FIXTURES = path.resolve('test/fixtures/pytorch');

type Recorded = Map<string, { dims: number[]; data: Float32Array | BigInt64Array }>;

async function recorded(name: string): Promise<Recorded> {
  const bytes = await readFile(path.join(FIXTURES, `${name}.bin`));
  const end = bytes.indexOf('\n') + 1;
  const entries = JSON.parse(bytes.toString('utf8', 0, end)) as {
    name: string;
    type: 'float32' | 'int64';
    dims: number[];
  }[];
  const buffer = new Uint8Array(bytes.subarray(end)).buffer;
  let at = 0;
  return new Map(
    entries.map(({ name: key, type, dims }) => {
      const length = dims.reduce((product, dim) => product * dim, 1);
      const data =
        type === 'int64'
          ? new BigInt64Array(buffer, at, length)
          : new Float32Array(buffer, at, length);
      at += data.byteLength;
      return [key, { dims, data }];
    }),
  );
}

function tensorOf(values: Recorded, name: string): Tensor {
  const { dims, data } = values.get(name)!;
  return data instanceof BigInt64Array
    ? new Tensor('int64', data, dims)
    : new Tensor('float32', data, dims);
}

function inputsOf(values: Recorded): Record<string, Tensor> {
  const names = [...values.keys()].filter((name) => name.startsWith('input.'));
  return Object.fromEntries(names.map((name) => [name.slice(6), tensorOf(values, name)]));
}

/** ‖actual − expected‖ / ‖expected‖; a gradient that is zero but for rounding is held to `floor`. */
function distance(actual: ArrayLike<number>, expected: ArrayLike<number>, floor = 0): number {
  let [difference, norm] = [0, 0];
  for (let index = 0; index < expected.length; index++) {
    difference += (actual[index]! - expected[index]!) ** 2;
    norm += expected[index]! ** 2;
  }
  expect(actual.length).toBe(expected.length);
  return Math.sqrt(difference) / Math.max(Math.sqrt(norm), floor);
}

/** Below this share of the largest gradient a tensor's own is rounding: the key bias has none. */
const ROUNDING = 1e-3;

function expectGradients(
  actual: Record<string, { data: unknown }>,
  values: Recorded,
  tolerance: number,
): void {
  const names = [...values.keys()].filter((name) => name.startsWith('gradient.'));
  const norms = names.map((name) => Math.hypot(...(values.get(name)!.data as Float32Array)));
  const floor = ROUNDING * Math.max(...norms);
  const off = names.flatMap((name) => {
    const mine = actual[name.slice('gradient.'.length)];
    if (mine === undefined) return [`${name} is missing`];
    const error = distance(
      mine.data as Float32Array,
      values.get(name)!.data as Float32Array,
      floor,
    );
    return error < tolerance ? [] : [`${name} is off by ${error}`];
  });
  expect(off).toEqual([]);
}

let home: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'bifocal-pytorch-'));
});
afterAll(() => rm(home, { recursive: true }));

/** A model folder whose two towers are fixtures. */
async function folderOf(
  text: string,
  image: string,
  config: Record<string, unknown> = {},
): Promise<ModelFolder> {
  const folder = path.join(home, `${text} ${image} ${Object.keys(config).join()}`);
  await mkdir(path.join(folder, 'onnx'), { recursive: true });
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
    await cp(path.resolve('models/starter', name), path.join(folder, name));
  }
  for (const [file, name] of [
    ['text_model', text],
    ['vision_model', image],
  ] as const) {
    await cp(path.join(FIXTURES, `${name}.onnx`), path.join(folder, 'onnx', `${file}.onnx`));
    const data = path.join(FIXTURES, `${name}.onnx_data`);
    await cp(data, path.join(folder, 'onnx', `${name}.onnx_data`)).catch(() => {});
  }
  const size = { height: 32, width: 32 };
  const content = { do_resize: true, size, do_center_crop: false, crop_size: size };
  await writeFile(path.join(folder, 'preprocessor_config.json'), JSON.stringify(content));
  await writeFile(
    path.join(folder, 'config.json'),
    JSON.stringify({ model_type: 'clip', projection_dim: 12, ...config }),
  );
  return readModelFolder(folder);
}

async function towerOf(name: string): Promise<{ tower: Tower; values: Recorded }> {
  const text = name.includes('text');
  const base = await folderOf(text ? name : 'clip-text-14', text ? 'clip-image-14' : name);
  return { tower: await readTower(base, text ? 'text' : 'image'), values: await recorded(name) };
}

function weightsOf(tower: Tower): Record<string, Tensor> {
  return Object.fromEntries(
    parametersOf(tower).map(({ name, dims }) => {
      const { data } = tower.graph.initializers.get(name.slice(tower.prefix.length))!;
      return [name, new Tensor('float32', data as Float32Array, dims)];
    }),
  );
}

/** The tower's embedding and the gradient of each weight, by the initializer's name. */
async function run(tower: Tower, values: Recorded) {
  const inputs = inputsOf(values);
  const [pairs, length] = Object.values(inputs)[0]!.dims as [number, number];
  const weights = weightsOf(tower);
  const size = { pairs, length };
  const only = (session: { inputNames: readonly string[] }, feeds: Record<string, Tensor>) =>
    Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!]));

  const forward = await openSession(buildForwardGraph(tower, size, 'cpu').model, { threads: 1 });
  const { embedding } = await forward.run(only(forward, { ...weights, ...inputs }));
  await forward.release();

  const { model, summed } = buildBackwardGraph(tower, size, 'cpu');
  const backward = await openSession(model, { threads: 1 });
  const feeds = {
    ...weights,
    ...inputs,
    ...zeroSums(summed),
    embedding_gradient: tensorOf(values, 'seed'),
  };
  const results = await backward.run(only(backward, feeds));
  await backward.release();
  const gradients = Object.fromEntries(
    Object.entries(results).map(([name, tensor]) => [
      name.replace(`gradient.${tower.prefix}`, ''),
      tensor,
    ]),
  );
  return { embedding: embedding!, gradients };
}

// Half precision keeps 11 bits of the weights, PyTorch's reference has all 24 of them.
const TOWERS: Record<string, number> = {
  'clip-text-14': 1e-4,
  'clip-image-14': 1e-4,
  'clip-text-dynamo-21': 1e-4,
  'clip-image-fresh-17': 1e-4,
  'resnet-image-17': 1e-4,
  'convnext-image-18': 1e-4,
  'mobile-image-11': 1e-4,
  'siglip-text-17': 1e-4,
  'siglip-image-dynamo-18': 1e-4,
  'bert-text-11': 1e-4,
  'bert-text-fused': 1e-4,
  'clip-image-fused': 1e-4,
  'clip-image-external': 1e-4,
  'clip-text-fp16': 2e-2,
};

describe('towers exported by PyTorch', () => {
  test.each(Object.entries(TOWERS))('%s', async (name, tolerance) => {
    const { tower, values } = await towerOf(name);
    const { embedding, gradients } = await run(tower, values);
    const expected = values.get('embedding')!.data as Float32Array;
    expect(distance(embedding.data as Float32Array, expected)).toBeLessThan(tolerance);
    expectGradients(gradients, values, tolerance);
    // Nothing else is taken for a weight: neither masks nor positions nor statistics.
    const known = new Set([...values.keys()].map((key) => key.replace('gradient.', '')));
    expect(Object.keys(gradients).filter((key) => !known.has(key))).toEqual([]);
  });
});

describe('the loss of a pair of towers', () => {
  const PAIRS = [
    ['infonce', 'clip-pair', 'clip-text-14', 'clip-image-14', {}],
    [
      'siglip',
      'siglip-pair',
      'siglip-text-17',
      'siglip-image-dynamo-18',
      { model_type: 'siglip', projection_dim: 16 },
    ],
  ] as const;
  test.each(PAIRS)('%s, whole and in micro-batches', async (loss, name, text, image, extra) => {
    const values = await recorded(name);
    const number = (key: string) => (values.get(key)?.data as Float32Array | undefined)?.[0];
    const base = await folderOf(text, image, {
      ...extra,
      logit_scale_init_value: number('logit_scale'),
      logit_bias: number('logit_bias') ?? 0,
    });
    const batch = {
      text: inputsOf(await recorded(text)),
      image: inputsOf(await recorded(image)),
    };
    for (const microBatch of [3, 1]) {
      const result = await lossAndGradients(base.path, batch, { loss, microBatch, threads: 1 });
      expect(result.loss).toBeCloseTo(number('loss')!, 5);
      expectGradients(result.gradients, values, 1e-4);
    }
  });
});

describe('a tuned tower goes back into its file', () => {
  test('in the precision and opset of the file', async () => {
    const base = await folderOf('clip-text-fp16', 'clip-image-external');
    const name = 'model.text_model.final_layer_norm.bias';
    const values = new Map([
      ['logit_scale', Float32Array.of(3)],
      [`text.${name}`, Float32Array.from({ length: 16 }, (_, index) => 1 / (index + 1))],
    ]);
    const out = path.join(home, 'tuned');
    await exportModel(base, values, out);
    const before = await readModel(base.textModel);
    const after = await readModel(path.join(out, 'onnx/text_model.onnx'));
    expect(after.opsets).toEqual(before.opsets);
    const weight = after.graph.initializers.get(name)!;
    expect(weight.dataType).toBe('float16');
    const session = await openSession(path.join(out, 'onnx/text_model.onnx'), { threads: 1 });
    await session.release();
    const { graph } = await readTower(await readModelFolder(out), 'text');
    const written = graph.initializers.get(name)!.data as Float32Array;
    written.forEach((value, index) => expect(value).toBeCloseTo(1 / (index + 1), 3));
  });

  test('weights that the exporter merged come back as two', async () => {
    const base = await folderOf('clip-text-14', 'clip-image-fresh-17');
    const [first, second] = ['layer_norm1', 'layer_norm2'].map(
      (norm) => `model.vision_model.encoder.layers.0.${norm}.weight`,
    ) as [string, string];
    const merged = await readModel(base.visionModel);
    expect([first, second].filter((name) => merged.graph.initializers.has(name)).length).toBe(0);
    const values = new Map([
      ['logit_scale', Float32Array.of(3)],
      [`image.${first}`, new Float32Array(16).fill(2)],
      [`image.${second}`, new Float32Array(16).fill(3)],
    ]);
    const out = path.join(home, 'apart');
    await exportModel(base, values, out);
    const { initializers } = (await readModel(path.join(out, 'onnx/vision_model.onnx'))).graph;
    expect([...(initializers.get(first)!.data as Float32Array)]).toEqual(Array(16).fill(2));
    expect([...(initializers.get(second)!.data as Float32Array)]).toEqual(Array(16).fill(3));
  });
});

test('a quantised tower is refused with the name of the file to use', async () => {
  const base = await folderOf('clip-text-quantised', 'clip-image-14');
  await expect(readTower(base, 'text')).rejects.toThrow(
    /text_model\.onnx is quantised \(\w+\) and cannot be trained; use .*text_model/,
  );
  const beside = path.join(path.dirname(base.textModel), 'text_model_fp16.onnx');
  await cp(path.join(FIXTURES, 'clip-text-fp16.onnx'), beside);
  await expect(readTower(base, 'text')).rejects.toThrow(/; use text_model_fp16\.onnx$/);
});
