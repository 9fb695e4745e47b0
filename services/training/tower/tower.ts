// A tower as the trainer takes it: its graph, what is fed, what is trained. From files: read-tower.ts.

import type { Ops } from '#autodiff';
import { inlineGraph, type Graph, type Value } from '#onnx';
import type { Tensors } from '../data/batch';
import { fuse } from '../fuse/fuse';
import { towerParameters, type Parameter } from './parameters';
import { weightNames } from './weight-rule';

export const TEXT_PREFIX = 'text.';
export const IMAGE_PREFIX = 'image.';

export interface Tower {
  /** One output, the embedding; float32 throughout. */
  graph: Graph;
  /** Put before the names of its weights, which makes them unique in a step graph. */
  prefix: string;
  /** Rows that each pair puts into the tower. */
  rows: number;
  /** Shape of each graph input without its batch axis; `length` is that of the batch's captions. */
  inputs: Record<string, (number | 'length')[]>;
  /** The initializers that are trained; all others are constants of its graphs. */
  trained: ReadonlySet<string>;
  /** Further initializers that its graphs take as inputs, under their prefixed names: slim.ts. */
  held?: Tensors;
  /** Factors on the run's learning rate by initializer; 1 where it has none. */
  rates?: ReadonlyMap<string, number>;
  /** Tokens that each caption is padded to, where the tower takes one length only. */
  length?: number;
  /** Rows that the tower takes at once, where its export fixed them. */
  batch?: number;
}

/** Rows and tokens that a graph is built for. */
export interface TowerSize {
  /** Pairs. */
  pairs: number;
  /** Tokens of a caption. */
  length: number;
}

/** A text tower that takes those inputs of a caption that its graph has. */
export function textTower(graph: Graph, captions: number, frozen = false): Tower {
  return {
    graph,
    prefix: TEXT_PREFIX,
    rows: captions,
    inputs: Object.fromEntries(graph.inputs.map(({ name }) => [name, ['length' as const]])),
    trained: frozen ? new Set() : weightNames(graph),
  };
}

export function imageTower(
  graph: Graph,
  { height, width }: { height: number; width: number },
  frozen = false,
): Tower {
  return {
    graph,
    prefix: IMAGE_PREFIX,
    rows: 1,
    inputs: Object.fromEntries(graph.inputs.map(({ name }) => [name, [3, height, width]])),
    trained: frozen ? new Set() : weightNames(graph),
  };
}

/** What is trained of a tower. */
export function parametersOf({ graph, prefix, trained, rates }: Tower): Parameter[] {
  return towerParameters(graph, prefix, trained, rates);
}

/** Puts a tower into the graph. Returns its embeddings, [pairs · rows, dimension]. */
export function inlineTower({ b, fused }: Ops, tower: Tower, { pairs, length }: TowerSize): Value {
  const { graph, prefix, rows, inputs, trained, held = {} } = tower;
  const first = b.graph.nodes.length;
  const outputs = inlineGraph(b, graph, {
    prefix,
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, dims]) => [
        name,
        [pairs * rows, ...dims.map((dim) => (dim === 'length' ? length : dim))],
      ]),
    ),
    parameters: new Set([
      ...trained,
      ...Object.keys(held).map((name) => name.slice(prefix.length)),
    ]),
  });
  const embedding = Object.values(outputs)[0]!;
  if (fused) fuse(b, first, embedding);
  return embedding;
}
