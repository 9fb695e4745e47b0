// LoRA: adapters leave a fresh tower as it is, have the right gradients, and merge into its weights.

import { describe, expect, test } from 'vitest';
import { float, GraphBuilder, size, type Graph } from '#onnx';
import { Random } from '#random';
import { openSession, Tensor } from '#runtime';
import type { Tensors } from '../../services/training/data/batch';
import { buildObjective } from '../../services/training/loss/objective';
import {
  LORA_SCALE,
  mergeLora,
  requireAdapters,
  withLora,
  type AdaptedTower,
} from '../../services/training/tower/lora';
import { weightNames } from '../../services/training/tower/weight-rule';
import { buildForwardGraph, buildStepGraph } from '../../services/training/step/step-graph';
import type { StateValues } from '../../services/training/step/stepper';
import { parametersOf, type Tower } from '../../services/training/tower/tower';
import { randomBatch, SHAPE, stepTowers, tinyTowers, zeroSums } from './tiny';

const RANK = { rank: 2, seed: 3 };
const BATCH = { pairs: SHAPE.size, length: SHAPE.length };

function normals(dims: number[], seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: size(dims) }, () => random.normal());
}

/** Products in all layouts: kernels with strides, groups, Gemm with either side transposed, Transpose. */
function oddTower(): Tower {
  const b = new GraphBuilder('odd');
  const weight = (name: string, dims: number[]) =>
    b.initializer(name, { dataType: 'float32', dims, data: normals(dims, b.graph.nodes.length) });
  let x = b.input('pixel_values', 'float32', ['batch', 3, 9, 9]);
  x = b.op('Conv', [x, weight('patch', [4, 3, 3, 3])], { pads: [1, 1, 1, 1], strides: [2, 2] });
  const inner = b.op('Conv', [x, weight('kernel', [6, 4, 3, 3]), weight('kernel.bias', [6])], {
    pads: [1, 1, 1, 1],
    dilations: [1, 1],
    group: 1,
  });
  const narrow = b.op('Conv', [inner, weight('grouped', [4, 3, 1, 1])], { group: 2 });
  x = b.op('Tanh', [b.op('Add', [x, narrow])]);
  x = b.op('Reshape', [x, b.ints([0, 4, 25])]);
  x = b.op('ReduceMean', [x], { axes: [2], keepdims: 0 });
  const gemm = b.op('Gemm', [x, weight('rows', [5, 4]), weight('rows.bias', [5])], {
    transB: 1,
    alpha: float(0.5),
  });
  const turned = b.op('Transpose', [gemm], { perm: [1, 0] });
  const back = b.op('Gemm', [turned, weight('columns', [5, 4])], { transA: 1 });
  x = b.op('Add', [x, back]);
  const flipped = b.op('Transpose', [weight('behind', [4, 4])], { perm: [1, 0] });
  x = b.op('Add', [x, b.op('MatMul', [b.op('Tanh', [x]), flipped])]);
  x = b.op('MatMul', [x, weight('projection', [4, 8])]);
  b.output(x, 'image_embeds', 'float32', ['batch', 8]);
  return {
    graph: b.graph,
    prefix: 'image.',
    rows: 1,
    inputs: { pixel_values: [3, 9, 9] },
    trained: weightNames(b.graph),
  };
}

function towerOf(kind: string): { tower: Tower; feeds: Tensors } {
  const batch = randomBatch(2);
  if (kind === 'odd') {
    const dims = [SHAPE.size, 3, 9, 9];
    const pixels = new Tensor('float32', normals(dims, 8), dims);
    return { tower: oddTower(), feeds: { pixel_values: pixels } };
  }
  const { text, image } = stepTowers(tinyTowers());
  return kind === 'text'
    ? { tower: text, feeds: batch.text }
    : { tower: image, feeds: batch.image };
}

async function embed(tower: Tower, values: StateValues, feeds: Tensors): Promise<Float32Array> {
  const session = await openSession(buildForwardGraph(tower, BATCH, 'cpu').model, { threads: 1 });
  const weights = parametersOf(tower).map(
    ({ name, dims }) => [name, new Tensor('float32', values.get(name)!, dims)] as const,
  );
  const { embedding } = await session.run({ ...feeds, ...Object.fromEntries(weights) });
  await session.release();
  return embedding!.data as Float32Array;
}

/** Relative, by norm. */
function distance(actual: Float32Array, expected: Float32Array): number {
  const difference = expected.map((value, index) => value - actual[index]!);
  return Math.hypot(...difference) / Math.hypot(...expected);
}

function valuesOf({ graph, prefix, trained }: Tower): StateValues {
  return new Map(
    [...trained].map((name) => [prefix + name, graph.initializers.get(name)!.data as Float32Array]),
  );
}

/** Adapters as training leaves them: no matrix is zero. */
function trainedValues(tower: AdaptedTower): StateValues {
  const random = new Random(5);
  return new Map(
    [...valuesOf(tower)].map(([name, value]) => [name, value.map(() => 0.3 * random.normal())]),
  );
}

describe.each(['text', 'image', 'odd'])('the %s tower with adapters', (kind) => {
  const { tower, feeds } = towerOf(kind);
  const adapted = withLora(tower, kind === 'odd' ? { ...RANK, targets: '.' } : RANK);

  test('starts with the outputs of the base', async () => {
    expect(adapted.adapters.length).toBeGreaterThan(0);
    const base = await embed(tower, valuesOf(tower), feeds);
    const fresh = await embed(adapted, valuesOf(adapted), feeds);
    // What is added is zero; the runtime fuses the two graphs differently, which rounds differently.
    expect(distance(fresh, base)).toBeLessThan(1e-6);
  });

  test('gives what its weights give with the adapters merged', async () => {
    const values = trainedValues(adapted);
    const expected = await embed(adapted, values, feeds);
    const merged = mergeLora(values, adapted);
    expect([...merged.keys()].some((name) => name.includes('lora'))).toBe(false);
    const actual = await embed(tower, new Map([...valuesOf(tower), ...merged]), feeds);
    expect(distance(actual, expected)).toBeLessThan(1e-5);
    expect(distance(await embed(tower, valuesOf(tower), feeds), expected)).toBeGreaterThan(0.01);
  });
});

test('merging is W + scale · A · B', () => {
  const { tower } = towerOf('odd');
  const adapted = withLora(tower, { ...RANK, targets: '^(rows|columns)$' });
  const values = trainedValues(adapted);
  const merged = mergeLora(values, adapted);
  const product = (name: string, i: number, o: number, outputs: number) => {
    const [a, b] = ['lora_A', 'lora_B'].map((part) => values.get(`image.${name}.${part}`)!);
    return LORA_SCALE * (a![i * 2]! * b![o]! + a![i * 2 + 1]! * b![outputs + o]!);
  };
  const base = (name: string) => tower.graph.initializers.get(name)!.data as Float32Array;
  // rows is [outputs 5, inputs 4], columns [inputs 5, outputs 4].
  const at = 3 * 4 + 1;
  expect(merged.get('image.rows')![at]).toBeCloseTo(
    base('rows')[at]! + product('rows', 1, 3, 5),
    5,
  );
  expect(merged.get('image.columns')![at]).toBeCloseTo(
    base('columns')[at]! + product('columns', 3, 1, 4),
    5,
  );
});

test('gradients of the adapters agree with finite differences', async () => {
  const { text, image } = stepTowers(tinyTowers());
  const towers = { text: withLora(text, RANK), image: withLora(image, RANK) };
  const graph = buildStepGraph(
    towers.text,
    towers.image,
    buildObjective({ loss: 'infonce' }),
    BATCH,
    'cpu',
  );
  const state: StateValues = new Map([
    ...trainedValues(towers.text),
    ...trainedValues(towers.image),
    ['logit_scale', Float32Array.of(1)],
  ]);
  expect(graph.parameters.map(({ name }) => name).sort()).toEqual([...state.keys()].sort());
  const session = await openSession(graph.model, { threads: 1 });
  const { text: ids, image: pixels, positives } = randomBatch(3);
  const run = (values: StateValues) =>
    session.run({
      ...ids,
      ...pixels,
      positives,
      ...zeroSums(graph.summed),
      ...Object.fromEntries(
        graph.parameters.map(({ name, dims }) => [
          name,
          new Tensor('float32', values.get(name)!, dims),
        ]),
      ),
    });
  const outputs = await run(state);
  const random = new Random(11);
  for (const moved of ['lora_A', 'lora_B']) {
    const [direction, slopes] = [new Map<string, Float32Array>(), { sum: 0, square: 0 }];
    for (const { name } of graph.parameters.filter((one) => one.name.includes(moved))) {
      const gradient = outputs[`gradient.${name}`]!.data as Float32Array;
      const step = gradient.map(() => random.normal());
      direction.set(name, step);
      gradient.forEach((g, index) => {
        slopes.sum += g * step[index]!;
        slopes.square += g * g;
      });
    }
    const lossAt = async (distance: number) => {
      const shifted = [...state].map(([name, value]) => {
        const step = direction.get(name);
        return [name, step ? value.map((x, i) => x + distance * step[i]!) : value] as const;
      });
      return Number((await run(new Map(shifted))).loss!.data[0]);
    };
    const numeric = ((await lossAt(2e-4)) - (await lossAt(-2e-4))) / 4e-4;
    expect(slopes.square).toBeGreaterThan(0);
    expect(Math.abs(numeric - slopes.sum)).toBeLessThan(5e-3 * Math.sqrt(slopes.square) + 1e-3);
  }
  await session.release();
});

describe('targets', () => {
  const adaptedWeights = (tower: Tower, targets?: string) =>
    withLora(tower, { ...RANK, targets }).adapters.map(({ weight }) => weight);

  test('are by default all products inside the blocks', () => {
    const { text, image } = stepTowers(tinyTowers());
    const layers = (tower: string) =>
      [0, 1].flatMap((layer) =>
        ['self_attn.in_proj', 'self_attn.out_proj', 'mlp.fc1', 'mlp.fc2'].map(
          (part) => `${tower}.encoder.layers.${layer}.${part}.weight`,
        ),
      );
    expect(adaptedWeights(text)).toEqual(layers('text_model'));
    expect(adaptedWeights(image)).toEqual(layers('vision_model'));
    // Neither what cuts the picture, nor grouped kernels, nor the projection at the end.
    expect(adaptedWeights(oddTower())).toEqual(['kernel', 'rows', 'columns', 'behind']);
  });

  test('match names of weights and of nodes', () => {
    const { text } = stepTowers(tinyTowers());
    expect(adaptedWeights(text, 'fc1|text_projection')).toEqual([
      'text_model.encoder.layers.0.mlp.fc1.weight',
      'text_model.encoder.layers.1.mlp.fc1.weight',
      'text_projection.weight',
    ]);
    const anonymous = exportedNames(text.graph);
    const tower = { ...text, graph: anonymous, trained: weightNames(anonymous) };
    expect(adaptedWeights(tower)).toEqual(adaptedWeights(text).map((_, i) => `onnx::MatMul_${i}`));
    expect(adaptedWeights(tower, 'layers.1/.*fc2')).toEqual(['onnx::MatMul_7']);
  });

  test('that nothing matches are told, with names to choose from', () => {
    const { text, image } = stepTowers(tinyTowers());
    const adapt = (targets: string) => {
      const options = { ...RANK, targets };
      requireAdapters([withLora(text, options), withLora(image, options)], targets);
    };
    expect(() => adapt('q_proj')).toThrow(
      /^no weight matches --lora-targets q_proj; there are: text_model\.encoder\.layers\.0\.self_attn/,
    );
    expect(() => adapt('fc1')).not.toThrow();
    expect(() => adapt('fc1(')).toThrow(/--lora-targets fc1\( is not a regular expression/);
  });

  test('leave out what is not trained', () => {
    const { text } = stepTowers(tinyTowers());
    expect(adaptedWeights({ ...text, trained: new Set() })).toEqual([]);
  });
});

/** The graph as PyTorch exports it: weights of products are numbered, nodes keep the module's path. */
function exportedNames(graph: Graph): Graph {
  const renamed = new Map<string, string>();
  const nodes = graph.nodes.map((node) => {
    const weight = node.inputs[1] ?? '';
    if (node.op !== 'MatMul' || !graph.initializers.has(weight)) return node;
    const name = `onnx::MatMul_${renamed.size}`;
    renamed.set(weight, name);
    const path = weight.replace('.weight', '').split('.').join('/').replace('layers/', 'layers.');
    return { ...node, name: `/${path}/MatMul`, inputs: [node.inputs[0]!, name] };
  });
  const initializers = new Map(
    [...graph.initializers].map(([name, value]) => [renamed.get(name) ?? name, value]),
  );
  return { ...graph, nodes, initializers };
}
