// What operator sets before 13 meant otherwise, said in today's operations.

import { numberAttribute } from './attributes';
import type { Graph, Model, Node } from './types';

const NORMALISERS = new Set(['Softmax', 'LogSoftmax', 'Hardmax']);

/**
 * Softmax over all axes from `axis` on, which is what it was before opset 13: through a matrix of
 * one row a normalised group. The rest of what changed shows in a node itself (inline.ts).
 */
function groupedSoftmax(node: Node): Node[] {
  const [x] = node.inputs as [string];
  const [y] = node.outputs as [string];
  const axis = numberAttribute(node, 'axis', 1);
  if (axis === -1) return [node];
  const step = (op: string, inputs: string[], output: string, attributes = {}): Node => ({
    op,
    domain: '',
    name: `${node.name}.${op}`,
    inputs,
    outputs: [output],
    attributes,
  });
  return [
    step('Flatten', [x], `${y}.rows`, { axis: { type: 'int', value: axis } }),
    step(node.op, [`${y}.rows`], `${y}.normalised`, { axis: { type: 'int', value: -1 } }),
    step('Shape', [x], `${y}.shape`),
    step('Reshape', [`${y}.normalised`, `${y}.shape`], y),
  ];
}

/** The graph of a model in the meaning that opset 13 and later give its operations. */
export function modernGraph({ graph, opsets }: Model): Graph {
  if ((opsets.get('') ?? 1) >= 13) return graph;
  const modern = (node: Node) =>
    NORMALISERS.has(node.op) && node.domain === '' ? groupedSoftmax(node) : [node];
  return { ...graph, nodes: graph.nodes.flatMap(modern) };
}
