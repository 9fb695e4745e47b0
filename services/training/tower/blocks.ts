// How deep in its tower each weight lies: found from the structure of the graph, not from names.

import type { Graph, Node } from '#onnx';

export interface Depths {
  /** Blocks of the tower. */
  blocks: number;
  /** Of each initializer in use: 0 before the first block, k in the k-th, blocks + 1 after the last. */
  depth: ReadonlyMap<string, number>;
}

const PRODUCTS = new Set(['MatMul', 'Gemm', 'Conv', 'FusedMatMul', 'FusedConv', 'Attention']);

/** Nodes that mix positions by attention: the block goes on with the MLP behind them. */
const ATTENTION = new Set(['Softmax', 'Attention', 'MultiHeadAttention']);

/** Nodes that give a shape, through which no activation flows. */
const SHAPES = new Set(['Shape', 'Size']);

interface Region {
  first: number;
  last: number;
}

/** What is known of each node before blocks are looked for. */
interface Flow {
  nodes: Node[];
  /** Whether it computes on what is fed, by more than its shape. */
  dependent: boolean[];
  /** Whether it multiplies something fed by a weight. */
  product: boolean[];
  /** Whether it gives activations: from data and a weight, unlike masks and positions. */
  active: boolean[];
}

function traceFlow(graph: Graph): Flow {
  const fed = new Set(graph.inputs.map(({ name }) => name));
  for (const name of graph.initializers.keys()) fed.delete(name);
  const activations = new Set<string>();
  const constant = (name: string) => name !== '' && !fed.has(name);
  const flow: Flow = { nodes: graph.nodes, dependent: [], product: [], active: [] };
  for (const { op, inputs, outputs } of graph.nodes) {
    const dependent = !SHAPES.has(op) && inputs.some((name) => fed.has(name));
    const product = dependent && PRODUCTS.has(op) && inputs.slice(0, 2).some(constant);
    const lookup = dependent && op === 'Gather' && constant(inputs[0]!);
    const active = dependent && (product || lookup || inputs.some((name) => activations.has(name)));
    if (dependent) outputs.forEach((name) => fed.add(name));
    if (active) outputs.forEach((name) => activations.add(name));
    flow.dependent.push(dependent);
    flow.product.push(product);
    flow.active.push(active);
  }
  return flow;
}

/** For each value, the first node on fed data that it is used by, at once or through constants. */
function firstUses({ nodes, dependent }: Flow): Map<string, number> {
  const uses = new Map<string, number>();
  const use = (name: string) => uses.get(name) ?? Infinity;
  for (let index = nodes.length - 1; index >= 0; index--) {
    const { inputs, outputs } = nodes[index]!;
    const at = dependent[index]! ? index : Math.min(...outputs.map(use));
    for (const name of inputs) uses.set(name, Math.min(use(name), at));
  }
  return uses;
}

/**
 * The stretches of nodes over which more than one activation is in use: residual branches, from the
 * norm at their start to their addition. Only those that hold a product with a weight count.
 */
function openRegions({ nodes, product, active }: Flow): Region[] {
  const lastUse = new Map<string, number>();
  nodes.forEach(({ inputs }, index) => inputs.forEach((name) => lastUse.set(name, index)));
  const regions: Region[] = [];
  const live = new Set<string>();
  let first: number | undefined;
  nodes.forEach(({ outputs }, index) => {
    for (const name of live) if (lastUse.get(name)! <= index) live.delete(name);
    for (const name of active[index]! ? outputs : []) {
      if ((lastUse.get(name) ?? -1) > index) live.add(name);
    }
    if (live.size > 1) first ??= index;
    else if (first !== undefined) {
      regions.push({ first, last: index });
      first = undefined;
    }
  });
  return regions.filter((region) => product.slice(region.first, region.last + 1).includes(true));
}

/** Attention and the MLP after it, each with its own addition, are one block of a transformer. */
function joinAttention({ nodes }: Flow, regions: Region[]): Region[] {
  const attends = ({ first, last }: Region) =>
    nodes.slice(first, last + 1).some(({ op }) => ATTENTION.has(op));
  const blocks: Region[] = [];
  regions.forEach((region, index) => {
    const previous = regions[index - 1];
    if (previous && attends(previous) && !attends(region)) blocks.at(-1)!.last = region.last;
    else blocks.push({ ...region });
  });
  return blocks;
}

/** The blocks of a tower without residual branches: each product with a weight but the last. */
function plainBlocks({ product }: Flow): Region[] {
  const indices = product.flatMap((yes, index) => (yes ? [index] : []));
  return indices.slice(0, -1).map((index) => ({ first: index, last: index }));
}

/**
 * The depth of each initializer by the first node that uses it. Blocks are the residual ones, or in
 * a tower that has none its products with weights. What stands between two blocks, such as a
 * convolution that halves the picture, belongs to the later one.
 */
export function findDepths(graph: Graph): Depths {
  const flow = traceFlow(graph);
  const uses = firstUses(flow);
  const residual = joinAttention(flow, openRegions(flow));
  const blocks = residual.length > 0 ? residual : plainBlocks(flow);
  const depthAt = (index: number): number => {
    if (blocks.length === 0 || index < blocks[0]!.first) return 0;
    const block = blocks.findIndex(({ last }) => index <= last);
    return block < 0 ? blocks.length + 1 : block + 1;
  };
  const depth = new Map<string, number>();
  for (const name of graph.initializers.keys()) {
    const at = uses.get(name) ?? Infinity;
    if (at !== Infinity) depth.set(name, depthAt(at));
  }
  return { blocks: blocks.length, depth };
}
