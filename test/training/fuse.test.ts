// Fused towers give the values and gradients of the towers as written.

import { describe, expect, test } from 'vitest';
import { differentiate, Ops } from '#autodiff';
import {
  toModelFile,
  GraphBuilder,
  inlineGraph,
  size,
  tensor,
  type Graph,
  type Value,
} from '#onnx';
import { Random } from '#random';
import { openSession, Tensor } from '#runtime';
import { fuse } from '../../services/training/fuse/fuse';
import { weightNames } from '../../services/training/tower/weight-rule';
import { TINY, tinyTowers } from './tiny';

/** A block as PyTorch exports it before opset 17: norms and GELU spelled out, heads one by one. */
function exported(gelu: 'erf' | 'tanh'): Graph {
  const b = new GraphBuilder('exported');
  const random = new Random(4);
  const weight = (name: string, dims: number[]) =>
    b.initializer(name, {
      dataType: 'float32',
      dims,
      data: Float32Array.from({ length: size(dims) }, () => random.normal() * 0.4),
    });
  const linear = (name: string, x: Value, from: number, to: number) =>
    b.op('Add', [weight(`${name}.bias`, [to]), b.op('MatMul', [x, weight(name, [from, to])])]);
  const x = b.input('x', 'float32', ['batch', 5, 8]);
  const mean = (value: Value) => b.op('ReduceMean', [value], { axes: [-1], keepdims: 1 });
  const centred = b.op('Sub', [x, mean(x)]);
  const variance = mean(b.op('Pow', [centred, b.scalar(2)]));
  const deviation = b.op('Sqrt', [b.op('Add', [variance, b.scalar(1e-5)])]);
  const scaled = b.op('Mul', [b.op('Div', [centred, deviation]), weight('norm.weight', [8])]);
  const normed = b.op('Add', [scaled, weight('norm.bias', [8])]);
  const heads = (name: string, perm: number[]) => {
    const apart = b.op('Reshape', [linear(name, normed, 8, 8), b.ints([-1, 5, 2, 4])]);
    return b.op('Transpose', [apart], { perm });
  };
  const query = heads('query', [0, 2, 1, 3]);
  const key = heads('key', [0, 2, 3, 1]);
  const scores = b.op('Div', [b.op('MatMul', [query, key]), b.scalar(2)]);
  const shares = b.op('Softmax', [scores], { axis: -1 });
  const mixed = b.op('MatMul', [shares, heads('value', [0, 2, 1, 3])]);
  const turned = b.op('Transpose', [mixed], { perm: [0, 2, 1, 3] });
  const joined = b.op('Reshape', [turned, b.ints([-1, 5, 8])]);
  const wide = linear('wide', joined, 8, 12);
  const erf = () => b.op('Erf', [b.op('Div', [wide, b.scalar(Math.SQRT2)])]);
  const tanh = () => {
    const cube = b.op('Mul', [wide, b.op('Mul', [wide, wide])]);
    const bent = b.op('Add', [wide, b.op('Mul', [b.scalar(0.044715), cube])]);
    return b.op('Tanh', [b.op('Mul', [b.scalar(Math.sqrt(2 / Math.PI)), bent])]);
  };
  const bend = gelu === 'erf' ? erf() : tanh();
  const raised = b.op('Mul', [wide, b.op('Add', [bend, b.scalar(1)])]);
  const active = b.op('Mul', [raised, b.scalar(0.5)]);
  const pooled = b.op('ReduceMean', [linear('narrow', active, 12, 8)], { axes: [1], keepdims: 0 });
  b.output(pooled, 'embedding', 'float32', ['batch', 8]);
  return b.graph;
}

const gelu = { ...TINY.text_config, hidden_act: 'gelu' as const };
const ROWS = 3;
const cases: [string, Graph, Record<string, number[]>, string[]][] = [
  [
    'a ViT with joint heads and QuickGELU',
    tinyTowers().image,
    { pixel_values: [ROWS, 3, 16, 16] },
    ['Sigmoid', 'MatMul'],
  ],
  [
    'a causal text tower with GELU',
    tinyTowers({ ...TINY, text_config: gelu }).text,
    { input_ids: [ROWS, 7] },
    ['Erf'],
  ],
  ['a block spelled out', exported('erf'), { x: [ROWS, 5, 8] }, ['Erf', 'Pow', 'Sqrt', 'Div']],
  ['a block with GELU by tanh', exported('tanh'), { x: [ROWS, 5, 8] }, ['Tanh']],
];

/** The tower's embedding and the gradient of Σ embedding² / 2 for each weight. */
async function run(graph: Graph, inputs: Record<string, number[]>, fused: boolean) {
  const b = new GraphBuilder('test');
  const parameters = weightNames(graph);
  const outputs = inlineGraph(b, graph, { prefix: 'tower.', inputs, parameters });
  const embedding = Object.values(outputs)[0]!;
  if (fused) fuse(b, 0, embedding);
  const forward = b.graph.nodes.map(({ op }) => op);
  const ops = new Ops(b, true);
  const wrt = [...parameters].map((name) => `tower.${name}`);
  const gradients = differentiate(b, {
    seeds: new Map([[embedding, embedding]]),
    wrt,
    fused: ops.fused,
  });
  b.output(embedding, 'out', 'float32', b.dims(embedding));
  for (const [name, value] of gradients) b.output(value, `d.${name}`, 'float32', b.dims(name));
  const session = await openSession(toModelFile(b.graph), { threads: 1 });
  const random = new Random(2);
  const feeds: Record<string, Tensor> = {};
  for (const { name, dataType } of graph.inputs) {
    const dims = inputs[name]!;
    const values = Array.from({ length: size(dims) }, () =>
      dataType === 'int64' ? random.below(50) : random.normal(),
    );
    feeds[name] = new Tensor(
      dataType as 'float32',
      tensor(values, dims, dataType).data as Float32Array,
      dims,
    );
  }
  for (const name of parameters) {
    const { data, dims } = graph.initializers.get(name)!;
    // Spread out, so that no gradient is lost in rounding.
    const spread = (data as Float32Array).map((value) => value * 3);
    feeds[`tower.${name}`] = new Tensor('float32', spread, dims);
  }
  const results = await session.run(feeds);
  await session.release();
  return { forward, results };
}

describe.each(cases)('%s', (_, graph, inputs, gone) => {
  test('is the same fused', async () => {
    const plain = await run(graph, inputs, false);
    const fused = await run(graph, inputs, true);
    for (const op of gone) {
      expect(plain.forward).toContain(op);
      // The text tower reads its embedding by a product with a one-hot row.
      if (op !== 'MatMul') expect(fused.forward).not.toContain(op);
    }
    expect(Object.keys(fused.results)).toEqual(Object.keys(plain.results));
    const norm = (data: Float32Array) => Math.hypot(...data);
    const norms = Object.values(plain.results).map(({ data }) => norm(data as Float32Array));
    const largest = Math.max(...norms);
    for (const [name, { data }] of Object.entries(plain.results)) {
      const expected = data as Float32Array;
      const actual = fused.results[name]!.data as Float32Array;
      const distance = norm(expected.map((value, index) => value - actual[index]!));
      // The key bias has no gradient but rounding: compared with the largest.
      expect(distance, name).toBeLessThan(2e-5 * norm(expected) + 1e-6 * largest);
    }
  });
});
