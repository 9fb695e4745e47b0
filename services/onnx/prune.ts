// What of a graph a given output needs.

import type { Attribute, Graph, Node } from './types';

/** Names that a node reads, those that the graphs inside it take from around them included. */
function* readsOf(node: Node): Generator<string> {
  yield* node.inputs;
  for (const attribute of Object.values<Attribute>(node.attributes)) {
    if (attribute.type !== 'graph') continue;
    yield* attribute.value.outputs.map(({ name }) => name);
    for (const inner of attribute.value.nodes) yield* readsOf(inner);
  }
}

/** The nodes in an order in which each stands after what it reads; converters do not always keep it. */
function inOrder(nodes: Node[]): Node[] {
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const ordered: Node[] = [];
  let pending = nodes;
  while (pending.length > 0) {
    const later: Node[] = [];
    for (const node of pending) {
      if ([...readsOf(node)].some((name) => name !== '' && made.has(name))) later.push(node);
      else {
        ordered.push(node);
        for (const output of node.outputs) made.delete(output);
      }
    }
    if (later.length === pending.length) throw new Error('the graph has a cycle');
    pending = later;
  }
  return ordered;
}

/** Names that the values `names` are computed from, their own included, and the nodes, in order. */
function needs(graph: Graph, names: string[]): { nodes: Node[]; needed: Set<string> } {
  const needed = new Set(names);
  const nodes = inOrder(graph.nodes)
    .toReversed()
    .filter((node) => {
      if (!node.outputs.some((output) => output !== '' && needed.has(output))) return false;
      for (const read of readsOf(node)) needed.add(read);
      return true;
    })
    .toReversed();
  return { nodes, needed };
}

/** The nodes that a graph's outputs need, each after what it reads. */
export function neededNodes(graph: Graph): Node[] {
  return needs(
    graph,
    graph.outputs.map(({ name }) => name),
  ).nodes;
}

/** The graph with the one output `name` and only the nodes, inputs and initializers it needs. */
export function pruneGraph(graph: Graph, name: string): Graph {
  const { nodes, needed } = needs(graph, [name]);
  return {
    ...graph,
    nodes,
    inputs: graph.inputs.filter((input) => needed.has(input.name)),
    outputs: graph.outputs.filter((output) => output.name === name),
    initializers: new Map([...graph.initializers].filter(([key]) => needed.has(key))),
  };
}
