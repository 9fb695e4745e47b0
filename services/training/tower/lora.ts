// LoRA: a tower with low-rank adapters beside its frozen weights, and their merging into the weights.

import { float, size, tensor, type Graph, type Node, type Tensor } from '#onnx';
import { Random } from '#random';
import { findDepths } from './blocks';
import { productSites, type ProductSite } from './product-sites';
import type { StateValues } from '../step/stepper';
import { TEXT_PREFIX, type Tower } from './tower';

export interface LoraOptions {
  rank: number;
  /**
   * Regular expression over names of weights and of the nodes that use them (exporters rename the
   * weights, nodes keep the path of their module). Default: all products inside the tower's blocks.
   */
  targets?: string | undefined;
  /** Of the random matrices. */
  seed: number;
}

/** α / rank. α = 2 · rank whatever the rank, so that the same learning rate fits all ranks. */
export const LORA_SCALE = 2;

/** One adapted weight W: what is used in its place is W + scale · A · B. */
export interface Adapter {
  weight: string;
  /** A, [inputs, rank]; of a convolution [rank, inputs, …kernel]. */
  down: string;
  /** B, [rank, outputs]; of a convolution [outputs, rank, 1, …]. */
  up: string;
  layout: ProductSite['layout'];
}

/** A tower of which only adapters are trained. */
export interface AdaptedTower extends Tower {
  adapters: Adapter[];
}

/** Whether a tower's trained weights are adapters. */
export function isAdapted(tower: Tower): tower is AdaptedTower {
  return 'adapters' in tower;
}

/**
 * LoRA (Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models") as a rewriting of the
 * tower's graph: each targeted product y = x W becomes y = x W + (α / rank) (x A) B, where A is drawn
 * as Kaiming's uniform and B is zero, so that the tower starts as it was. A convolution is adapted by
 * one of `rank` channels with its kernel, and a pointwise one. Only A and B are trained, at the rate
 * that W had; what was not trained before gets no adapter. A tower that has no such product comes
 * back with nothing trained.
 */
export function withLora(tower: Tower, { rank, targets, seed }: LoraOptions): AdaptedTower {
  const { graph } = tower;
  const sites = chooseSites(tower, targets);
  const initializers = new Map(graph.initializers);
  initializers.set(SCALE_NAME, tensor([LORA_SCALE], [], 'float32'));
  const random = Random.of(seed, tower.prefix === TEXT_PREFIX ? 0 : 1);
  const adapters = new Map<string, Adapter>();
  for (const { weight, layout } of sites.values()) {
    if (adapters.has(weight)) continue;
    const adapter = {
      weight,
      layout,
      down: `${weight}.lora_A`,
      up: `${weight}.lora_B`,
    };
    const { down, up } = drawAdapter(graph.initializers.get(weight)!.dims, layout, rank, random);
    initializers.set(adapter.down, down).set(adapter.up, up);
    adapters.set(weight, adapter);
  }
  const nodes = graph.nodes.flatMap((node) => {
    const site = sites.get(node);
    return site === undefined ? [node] : adaptNode(node, adapters.get(site.weight)!);
  });
  return {
    ...tower,
    graph: { ...graph, nodes, initializers },
    trained: new Set([...adapters.values()].flatMap(({ down, up }) => [down, up])),
    rates: new Map(
      [...adapters.values()].flatMap(({ weight, down, up }) => {
        const rate = tower.rates?.get(weight) ?? 1;
        return [[down, rate] as const, [up, rate] as const];
      }),
    ),
    adapters: [...adapters.values()],
  };
}

/** Throws one line, with names to choose from, where the towers of a run have no adapter at all. */
export function requireAdapters(towers: AdaptedTower[], targets: string | undefined): void {
  if (towers.some(({ adapters }) => adapters.length > 0)) return;
  const names = towers.flatMap(({ graph }) => productSites(graph).map(nameOf));
  const some = [...new Set(names)].slice(0, 6).join(', ') || 'none';
  throw new Error(
    targets === undefined
      ? `the model has no products inside blocks to adapt; name some by --lora-targets, of: ${some}`
      : `no weight matches --lora-targets ${targets}; there are: ${some}`,
  );
}

/**
 * The values of a run with the adapters merged into the weights that they belong to:
 * `PREFIX + weight` = W + scale · A · B, in place of the adapters and their moments. Adapters that
 * have no values leave their weights alone.
 */
export function mergeLora(
  values: StateValues,
  { graph, prefix, adapters }: AdaptedTower,
  scale = LORA_SCALE,
): StateValues {
  const merged: StateValues = new Map(values);
  for (const { weight, down, up, layout } of adapters) {
    const [a, b] = [values.get(prefix + down), values.get(prefix + up)];
    if (a === undefined || b === undefined) continue;
    const rank = graph.initializers.get(down)!.dims[layout === 'kernel' ? 0 : 1]!;
    const base = graph.initializers.get(weight)!;
    merged.set(prefix + weight, addProduct(base, { down: a, up: b, rank, scale, layout }));
    for (const name of [down, up]) {
      for (const kind of ['', 'moment1.', 'moment2.']) merged.delete(kind + prefix + name);
    }
  }
  return merged;
}

const SCALE_NAME = 'lora.scale';

/** How an error names a product: by the node, whose name keeps the path, or else by the weight. */
function nameOf({ node, weight }: ProductSite): string {
  return node.name.includes('/') ? node.name : weight;
}

function chooseSites({ graph, trained }: Tower, targets: string | undefined) {
  const sites = productSites(graph).filter(({ weight }) => trained.has(weight));
  const chosen = new Set(targets === undefined ? insideBlocks(graph) : matching(sites, targets));
  return new Map(sites.filter(({ weight }) => chosen.has(weight)).map((site) => [site.node, site]));
}

function insideBlocks(graph: Graph): string[] {
  const { blocks, depth } = findDepths(graph);
  return [...depth].filter(([, at]) => at >= 1 && at <= blocks).map(([weight]) => weight);
}

function matching(sites: ProductSite[], targets: string): string[] {
  const pattern = compile(targets);
  return sites
    .filter(({ node, weight }) => pattern.test(weight) || pattern.test(node.name))
    .map(({ weight }) => weight);
}

function compile(targets: string): RegExp {
  try {
    return new RegExp(targets);
  } catch (cause) {
    throw new Error(`--lora-targets ${targets} is not a regular expression`, { cause });
  }
}

/** A from U(−1/√fan, 1/√fan), which is Kaiming's uniform with a = √5; B zero. Rank ≤ that of W. */
function drawAdapter(
  dims: number[],
  layout: ProductSite['layout'],
  wanted: number,
  random: Random,
): { down: Tensor; up: Tensor } {
  const kernel = layout === 'kernel';
  const [outputs, inputs] = kernel || layout === 'transposed' ? dims : [dims[1], dims[0]];
  const window = dims.slice(2);
  const fan = inputs! * size(window);
  const rank = Math.min(wanted, fan, outputs!);
  const downDims = kernel ? [rank, inputs!, ...window] : [inputs!, rank];
  const upDims = kernel ? [outputs!, rank, ...window.map(() => 1)] : [rank, outputs!];
  const bound = 1 / Math.sqrt(fan);
  const values = Float32Array.from({ length: size(downDims) }, () => random.between(-bound, bound));
  return {
    down: { dataType: 'float32', dims: downDims, data: values },
    up: { dataType: 'float32', dims: upDims, data: new Float32Array(size(upDims)) },
  };
}

/** The product, and its adapter's share added to it. */
function adaptNode(node: Node, { down, up, layout }: Adapter): Node[] {
  const output = node.outputs[0]!;
  const at = (part: string) => `${output}/lora_${part}`;
  const make = (
    op: string,
    part: string,
    inputs: string[],
    target: string,
    attributes: Node['attributes'] = {},
  ): Node => ({
    op,
    domain: '',
    name: `${node.name}/lora_${part}`,
    inputs,
    outputs: [target],
    attributes,
  });
  const base: Node = { ...node, outputs: [at('base')] };
  const [x] = node.inputs as [string];
  if (node.op === 'Gemm') {
    const { transA, alpha } = node.attributes;
    const factor = float((alpha?.type === 'float' ? alpha.value : 1) * LORA_SCALE);
    const attributes = { alpha: factor, ...(transA && { transA }) };
    return [
      base,
      make('Gemm', 'A', [x, down], at('A'), attributes),
      make('Gemm', 'B', [at('A'), up, at('base')], output),
    ];
  }
  const op = layout === 'kernel' ? 'Conv' : 'MatMul';
  return [
    base,
    make(op, 'A', [x, down], at('A'), layout === 'kernel' ? node.attributes : {}),
    make('Mul', 'scale', [at('A'), SCALE_NAME], at('scaled')),
    make(op, 'B', [at('scaled'), up], at('B')),
    make('Add', 'sum', [at('base'), at('B')], output),
  ];
}

interface LowRank {
  down: Float32Array;
  up: Float32Array;
  rank: number;
  scale: number;
  layout: ProductSite['layout'];
}

/** [rows, columns] → [columns, rows] */
function transposed(matrix: Float32Array, rows: number): Float32Array {
  const columns = matrix.length / rows;
  return Float32Array.from(
    matrix,
    (_, index) => matrix[(index % rows) * columns + Math.floor(index / rows)]!,
  );
}

/** W + scale · A · B in the layout of W, which is [rows, columns] whatever its axes mean. */
function addProduct(base: Tensor, { down, up, rank, scale, layout }: LowRank): Float32Array {
  const rows = base.dims[0]!;
  const columns = base.data.length / rows;
  // left [rows, rank] times right [rank, columns]
  const [left, right] = {
    plain: () => [down, up] as const,
    transposed: () => [transposed(up, rank), transposed(down, columns)] as const,
    kernel: () => [up, down] as const,
  }[layout]();
  const sum = new Float64Array(columns);
  const merged = new Float32Array(base.data as Float32Array);
  for (let row = 0; row < rows; row++) {
    sum.fill(0);
    for (let k = 0; k < rank; k++) {
      const factor = scale * left[row * rank + k]!;
      const offset = k * columns;
      for (let column = 0; column < columns; column++)
        sum[column]! += factor * right[offset + column]!;
    }
    const offset = row * columns;
    for (let column = 0; column < columns; column++) merged[offset + column]! += sum[column]!;
  }
  return merged;
}
