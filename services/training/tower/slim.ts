// Towers without the values of their weights: graphs take weights as inputs, so that all sessions
// share one copy of them.

import type { Graph } from '#onnx';
import { Tensor, type Device } from '#runtime';
import type { Tensors } from '../data/batch';
import { productSites } from './product-sites';
import type { Tower } from './tower';

/** Weights of fewer numbers are constants of the graphs when they are not trained. */
const LARGE = 2 ** 12;

/** Large weights by which data is multiplied, and tables in which it is looked up. */
function largeWeights(graph: Graph): Set<string> {
  const products = productSites(graph).map(({ weight }) => weight);
  const tables = graph.nodes.flatMap(({ op, inputs }) => (op === 'Gather' ? [inputs[0]!] : []));
  const large = [...products, ...tables].filter((name) => {
    const value = graph.initializers.get(name);
    return value?.dataType === 'float32' && value.data.length >= LARGE;
  });
  return new Set(large);
}

/**
 * The tower without the values of its trained weights, which are given at each run. On the CPU the
 * large weights that are not trained are inputs too, and come with the tower as `held`; a device keeps
 * them best as constants, which are not sent to it again.
 */
export function slimTower(tower: Tower, device: Device): Tower {
  if (tower.held !== undefined) return tower;
  const { graph, prefix, trained } = tower;
  const large = device === 'cpu' ? largeWeights(graph) : new Set<string>();
  const held: Tensors = {};
  const initializers = new Map(graph.initializers);
  for (const [name, value] of graph.initializers) {
    if (!trained.has(name) && !large.has(name)) continue;
    initializers.set(name, { ...value, data: new Float32Array(0) });
    if (trained.has(name)) continue;
    held[prefix + name] = new Tensor('float32', value.data as Float32Array, value.dims);
  }
  return { ...tower, graph: { ...graph, initializers }, held };
}
