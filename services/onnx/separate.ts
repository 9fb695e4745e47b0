// Every weight an initializer of its own: what exporters hide in Constant nodes or merge is taken apart.

import { constantValue } from './constant-node';
import type { Graph, Node, Tensor } from './types';

/** A weight rather than a setting: floats, more than one. */
function isWeightLike({ dataType, data }: Tensor): boolean {
  return dataType.startsWith('float') && data.length > 1;
}

/** All elements are one number, as a fresh norm's weight (1) and bias (0) are. */
function isUniform({ data }: Tensor): boolean {
  return data.every((value: number | bigint) => value === data[0]);
}

/**
 * A copy of the graph, its weights not copied, in which each weight is one initializer:
 * - float tensors in Constant nodes become initializers under the node's output name;
 * - PyTorch's exporter merges weights of equal values (the norms of a fresh model) and gives each
 *   its own name by an Identity node: such a copy becomes an initializer of that name;
 * - where it merges without Identity, uniform weights that several nodes use are one a use;
 * - initializers are no graph inputs (older files list them there as defaults).
 */
export function separateWeights(graph: Graph): Graph {
  const initializers = new Map(graph.initializers);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const name = node.outputs[0]!;
    const value =
      node.op === 'Constant' && node.domain === ''
        ? constantValue(node)
        : node.op === 'Identity' && !outputs.has(name)
          ? initializers.get(node.inputs[0]!)
          : undefined;
    if (value !== undefined && isWeightLike(value)) initializers.set(name, { ...value });
    else nodes.push(node);
  }
  return {
    ...graph,
    nodes: separateUses(nodes, initializers),
    inputs: graph.inputs.filter(({ name }) => !initializers.has(name)),
    initializers,
  };
}

/** Gives each node after the first that uses a uniform weight its own copy, `NAME.2` and so on. */
function separateUses(nodes: Node[], initializers: Map<string, Tensor>): Node[] {
  const uses = new Map<string, number>();
  const copyFor = (name: string): string => {
    const value = initializers.get(name);
    if (value === undefined || !isWeightLike(value) || !isUniform(value)) return name;
    const count = (uses.get(name) ?? 0) + 1;
    uses.set(name, count);
    if (count === 1) return name;
    const copy = `${name}.${count}`;
    initializers.set(copy, { ...value });
    return copy;
  };
  return nodes.map((node) => {
    const own = new Map([...new Set(node.inputs)].map((name) => [name, copyFor(name)]));
    return { ...node, inputs: node.inputs.map((name) => own.get(name)!) };
  });
}
