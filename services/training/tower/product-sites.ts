// Where a graph multiplies what flows through it by a weight: the products that adapters stand beside.

import type { Graph, Node } from '#onnx';

/** A product of data with a weight that is used for nothing but such products. */
export interface ProductSite {
  node: Node;
  /** The initializer. */
  weight: string;
  /** How the weight lies: [inputs, outputs], [outputs, inputs], or a convolution's kernel. */
  layout: 'plain' | 'transposed' | 'kernel';
}

interface Source {
  weight: string;
  transposed: boolean;
}

/** The matrices behind each constant value, seen through Identity and Transpose. */
function matrixSources({ nodes, initializers }: Graph): Map<string, Source> {
  const sources = new Map<string, Source>();
  for (const [name, { dataType, dims }] of initializers) {
    if (dataType === 'float32' && dims.length >= 2) {
      sources.set(name, { weight: name, transposed: false });
    }
  }
  for (const { op, inputs, outputs } of nodes) {
    const source = sources.get(inputs[0] ?? '');
    if (source === undefined || (op !== 'Identity' && op !== 'Transpose')) continue;
    if (op === 'Transpose' && initializers.get(source.weight)!.dims.length !== 2) continue;
    const transposed = source.transposed !== (op === 'Transpose');
    sources.set(outputs[0]!, { ...source, transposed });
  }
  return sources;
}

function flag(node: Node, name: string): boolean {
  const attribute = node.attributes[name];
  return attribute?.type === 'int' && attribute.value === 1;
}

/** The site at a node, if its second input is a weight in a layout that adapters know. */
function siteOf(node: Node, sources: Map<string, Source>, graph: Graph): ProductSite | undefined {
  const source = sources.get(node.inputs[1] ?? '');
  if (source === undefined || node.domain !== '' || sources.has(node.inputs[0]!)) return undefined;
  const { weight, transposed } = source;
  const { dims } = graph.initializers.get(weight)!;
  if (node.op === 'Conv') {
    const group = node.attributes['group'];
    const whole = group?.type !== 'int' || group.value === 1;
    return whole && !transposed ? { node, weight, layout: 'kernel' } : undefined;
  }
  if ((node.op !== 'MatMul' && node.op !== 'Gemm') || dims.length !== 2) return undefined;
  const turned = transposed !== (node.op === 'Gemm' && flag(node, 'transB'));
  return { node, weight, layout: turned ? 'transposed' : 'plain' };
}

/** All sites in the order of the graph. A weight that is used otherwise too, or in two layouts, has none. */
export function productSites(graph: Graph): ProductSite[] {
  const sources = matrixSources(graph);
  const sites = graph.nodes.flatMap((node) => siteOf(node, sources, graph) ?? []);
  const unfit = new Set<string>();
  const known = new Map(sites.map((site) => [site.node, site]));
  for (const node of graph.nodes) {
    if (sources.has(node.outputs[0]!)) continue;
    node.inputs.forEach((input, index) => {
      const source = sources.get(input);
      if (source && (index !== 1 || !known.has(node))) unfit.add(source.weight);
    });
  }
  for (const { weight, layout } of sites) {
    if (sites.some((other) => other.weight === weight && other.layout !== layout))
      unfit.add(weight);
  }
  return sites.filter(({ weight }) => !unfit.has(weight));
}
