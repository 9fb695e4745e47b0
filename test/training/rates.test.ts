// Depths of weights, found in graphs of several kinds, and the learning rates that follow from them.

import { describe, expect, test } from 'vitest';
import { GraphBuilder, type Graph, type Value } from '#onnx';
import { buildObjective } from '../../services/training/loss/objective';
import { findDepths } from '../../services/training/tower/blocks';
import type { Parameter } from '../../services/training/tower/parameters';
import { describeRates, rateGroups, rateTower } from '../../services/training/tower/rates';
import { parametersOf, type Tower } from '../../services/training/tower/tower';
import { stepTowers, TINY, tinyTowers } from './tiny';

/** The names of weights at each depth. */
function layers(graph: Graph): string[][] {
  const { blocks, depth } = findDepths(graph);
  const found = Array.from({ length: blocks + 2 }, (): string[] => []);
  for (const [name, at] of depth) {
    if (graph.initializers.get(name)!.data.length > 1) found[at]!.push(name);
  }
  return found;
}

/** As exporters leave it: no weight has the name of its module. */
function anonymous(graph: Graph): Graph {
  const names = new Map([...graph.initializers.keys()].map((name, at) => [name, `onnx::${at}`]));
  const nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((name) => names.get(name) ?? name),
  }));
  const initializers = new Map(
    [...graph.initializers].map(([name, value]) => [names.get(name)!, value]),
  );
  return { ...graph, nodes, initializers };
}

describe('depth', () => {
  test('of transformers: embeddings, the layers by their numbers, what comes after', () => {
    const config = {
      ...TINY,
      text_config: { ...TINY.text_config, num_hidden_layers: 3 },
      vision_config: { ...TINY.vision_config, num_hidden_layers: 3 },
    };
    for (const graph of Object.values(tinyTowers(config))) {
      const weights = (names: string[]) => names.filter((name) => !name.startsWith('constant'));
      const found = layers(graph).map(weights);
      expect(found).toHaveLength(5);
      expect(found[0]!.every((name) => /embedding|pre_layrnorm/.test(name))).toBe(true);
      for (const layer of [0, 1, 2]) {
        expect(found[layer + 1]).toHaveLength(12);
        expect(found[layer + 1]!.every((name) => name.includes(`layers.${layer}.`))).toBe(true);
      }
      expect(
        found[4]!.every((name) => /final_layer_norm|post_layernorm|projection/.test(name)),
      ).toBe(true);
      const unnamed = layers(anonymous(graph));
      expect(unnamed.map(({ length }) => length)).toEqual(
        layers(graph).map(({ length }) => length),
      );
    }
  });

  const build = (make: (b: GraphBuilder, weight: (name: string) => Value) => Value): Graph => {
    const b = new GraphBuilder('graph');
    const weight = (name: string) =>
      b.initializer(name, {
        dataType: 'float32',
        dims: [4, 4],
        data: new Float32Array(16).fill(1),
      });
    b.output(make(b, weight), 'y', 'float32', ['batch', 4]);
    return b.graph;
  };

  test('of residual blocks, whatever stands between them; masks and shared biases join nothing', () => {
    const graph = build((b, weight) => {
      const x = b.input('x', 'float32', ['batch', 4]);
      const mask = b.op('Mul', [x, b.scalar(0)]);
      const bias = b.op('Identity', [weight('bias')]);
      const block = (input: Value, name: string) =>
        b.op('Add', [
          input,
          b.op('Add', [b.op('Add', [b.op('MatMul', [input, weight(name)]), mask]), bias]),
        ]);
      let y = b.op('MatMul', [x, weight('stem')]);
      y = block(y, 'one');
      y = b.op('MatMul', [y, weight('between')]);
      y = block(y, 'two');
      return b.op('MatMul', [y, weight('head')]);
    });
    expect(layers(graph)).toEqual([['stem'], ['bias', 'one'], ['between', 'two'], ['head']]);
  });

  test('of a chain: each product with a weight', () => {
    const graph = build((b, weight) => {
      const x = b.input('x', 'float32', ['batch', 4]);
      return ['a', 'b', 'c'].reduce(
        (y, name) => b.op('Relu', [b.op('MatMul', [y, weight(name)])]),
        x,
      );
    });
    expect(layers(graph)).toEqual([[], ['a'], ['b'], ['c']]);
  });
});

describe('rates', () => {
  const { text, image } = stepTowers(tinyTowers());
  const rateOf = (tower: Tower, part: string) =>
    parametersOf(tower).find(({ name }) => name.includes(part))?.rate;

  test('fall by a factor from layer to layer, from 1 behind the last', () => {
    const tower = rateTower(text, { learningRate: 0.5, layerDecay: 0.5 });
    expect(rateOf(tower, 'text_projection')).toBe(1);
    expect(rateOf(tower, 'layers.1.mlp.fc2.bias')).toBe(0.5);
    expect(rateOf(tower, 'layers.0.self_attn.in_proj')).toBe(0.25);
    expect(rateOf(tower, 'token_embedding')).toBe(0.125);
  });

  test('are those of the tower, of the head and of the scale', () => {
    const settings = {
      learningRate: 0.01,
      layerDecay: 0.5,
      rates: { image: 0.02, head: 0.1, scale: 0.001 },
    };
    expect(rateOf(rateTower(text, settings), 'layers.1.')).toBeCloseTo(0.5);
    expect(rateOf(rateTower(text, settings), 'text_projection')).toBeCloseTo(10);
    expect(rateOf(rateTower(image, settings), 'layers.1.')).toBeCloseTo(1);
    const head = buildObjective({ loss: 'siglip', ...settings }).head(8);
    expect(head.map(({ name }) => name).sort()).toEqual(['logit_bias', 'logit_scale']);
    head.forEach(({ rate }) => expect(rate).toBeCloseTo(0.1));
    expect(buildObjective({ loss: 'infonce' }).head(8)[0]!.rate).toBe(1);
  });

  test('of 0 leave a weight out of training', () => {
    const tower = rateTower(image, { learningRate: 0.01, rates: { image: 0, head: 0.01 } });
    expect([...tower.trained]).toEqual([
      'vision_model.post_layernorm.weight',
      'vision_model.post_layernorm.bias',
      'visual_projection.weight',
    ]);
  });

  test('are told in groups', () => {
    const parameter = (name: string, dims: number[], rate: number): Parameter => ({
      name,
      dims,
      decay: true,
      rate,
    });
    const parameters = [
      parameter('a', [10, 200], 0.1),
      parameter('b', [5], 0.1),
      parameter('c', [3], 1),
    ];
    expect(describeRates(rateGroups(parameters, 0.01))).toEqual([
      'learning rate 0.0100: c, 3 numbers',
      'learning rate 0.00100: a and 1 more, 2,005 numbers',
    ]);
  });
});
