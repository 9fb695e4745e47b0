// The rule that tells a tower's weights from its constants. Everything else that asks, asks here.

import type { Graph, Node, Tensor } from '#onnx';

/** The rule in words, as `model info --trainable` prints it. */
export const WEIGHT_RULE =
  'weights are the float tensors of more than one element, all finite and below 10,000 in size ' +
  '(masks hold -10,000 and beyond), that the embedding depends on by arithmetic; but not the ' +
  'running statistics of BatchNormalization, not tables of cosines and sines of rotary positions, ' +
  'and not what only shifts or scales the input itself, such as the mean and deviation of pictures';

const LIMIT = 1e4;

/** Inputs that set how an operation works, by their index: shapes, axes, positions, bounds. */
const SETTINGS: Record<string, number[]> = {
  Reshape: [1],
  Expand: [1],
  Tile: [1],
  Slice: [1, 2, 3, 4],
  Pad: [1, 2, 3],
  Resize: [1, 2, 3],
  Clip: [1, 2],
  Gather: [1],
  GatherElements: [1],
  GatherND: [1],
  ScatterElements: [1],
  ScatterND: [1],
  Where: [0],
  Pow: [1],
  Squeeze: [1],
  Unsqueeze: [1],
  Split: [1],
  CumSum: [1],
  Trilu: [1],
  TopK: [1],
  Dropout: [1, 2],
  BatchNormalization: [3, 4],
  ReduceSum: [1],
  ReduceMean: [1],
  ReduceMax: [1],
  ReduceMin: [1],
  ReduceL1: [1],
  ReduceL2: [1],
  ReduceSumSquare: [1],
  ReduceLogSumExp: [1],
};

/** What these compute are shapes, positions and conditions: no gradient goes through. */
const ENDS = new Set(
  (
    'Shape Size ConstantOfShape Range ArgMax ArgMin NonZero OneHot EyeLike Not And Or Xor IsNaN ' +
    'IsInf Equal Less LessOrEqual Greater GreaterOrEqual Sign Floor Ceil Round'
  ).split(' '),
);

const ELEMENTWISE = new Set(['Add', 'Sub', 'Mul', 'Div']);

/** The inputs of a node whose values, not only whose shapes, go into a float result. */
function arithmeticInputs(node: Node): string[] {
  if (ENDS.has(node.op)) return [];
  const settings = SETTINGS[node.op] ?? [];
  return node.inputs.filter((name, index) => name !== '' && !settings.includes(index));
}

/** What the output depends on by arithmetic: values and initializers. */
function onPath({ nodes, outputs }: Graph): Set<string> {
  const path = new Set(outputs.map(({ name }) => name));
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => path.has(name))) continue;
    for (const name of arithmeticInputs(node)) path.add(name);
  }
  return path;
}

function isCandidate({ dataType, data }: Tensor): boolean {
  return (
    dataType === 'float32' &&
    data.length > 1 &&
    (data as Float32Array).every((value) => Math.abs(value) < LIMIT)
  );
}

/** Whether a² + b² = 1 for every pair: cosines and sines of the same angles. */
function areRotary(a: Tensor, b: Tensor): boolean {
  const [x, y] = [a.data as Float32Array, b.data as Float32Array];
  return (
    x.length === y.length &&
    x.every((value, index) => Math.abs(value ** 2 + y[index]! ** 2 - 1) < 1e-4)
  );
}

/** Whether the halves of the last axis are cosines and sines of the same angles. */
function areRotaryHalves({ dims, data }: Tensor): boolean {
  const width = dims.at(-1)!;
  const half = width / 2;
  return (
    width % 2 === 0 &&
    (data as Float32Array).every((value, index, all) => {
      const other = all[index % width < half ? index + half : index - half]!;
      return Math.abs(value ** 2 + other ** 2 - 1) < 1e-4;
    })
  );
}

/** A table of positions: not the ones and zeros of a fresh norm, whose squares add up to 1 too. */
function isTable({ dims, data }: Tensor): boolean {
  const values = data as Float32Array;
  return (
    dims.length >= 2 &&
    values.some((value) => value !== values[0]) &&
    values.every((value) => Math.abs(value) <= 1.0001)
  );
}

/** The candidates that are rotary tables: each has a partner among them, or both are in one. */
function rotaryTables(candidates: Map<string, Tensor>): Set<string> {
  const bounded = [...candidates].filter(([, value]) => isTable(value));
  const found = new Set<string>();
  bounded.forEach(([name, table], index) => {
    if (areRotaryHalves(table)) found.add(name);
    for (const [other, partner] of bounded.slice(index + 1)) {
      if (areRotary(table, partner)) found.add(name).add(other);
    }
  });
  return found;
}

/**
 * The candidates that reach something besides the input itself: a shift or scale of what no other
 * weight has touched is a constant.
 */
function touching({ nodes }: Graph, candidates: ReadonlyMap<string, Tensor>): Set<string> {
  const used = new Set<string>();
  const touched = new Set<string>();
  for (const node of nodes) {
    const inputs = arithmeticInputs(node);
    const own = inputs.filter((name) => candidates.has(name));
    const others = inputs.filter((name) => !candidates.has(name));
    if (own.length === 0 && !others.some((name) => touched.has(name))) continue;
    const shifts = ELEMENTWISE.has(node.op) && own.length === 1 && others.length === 1;
    if (shifts && !touched.has(others[0]!)) continue;
    for (const name of own) used.add(name);
    for (const output of node.outputs) touched.add(output);
  }
  return used;
}

/** Names of the initializers of a tower that are weights, by `WEIGHT_RULE`. */
export function weightNames(graph: Graph): Set<string> {
  const path = onPath(graph);
  const candidates = new Map(
    [...graph.initializers].filter(([name, value]) => path.has(name) && isCandidate(value)),
  );
  for (const name of rotaryTables(candidates)) candidates.delete(name);
  return touching(graph, candidates);
}
