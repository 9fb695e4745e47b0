// Where in an image tower's graph activations still lie on a grid over the picture.

import type { GraphBuilder, Node, Value } from '#onnx';

/** A value [1, channels, rows, columns], or tokens of which some, behind the first `skip`, are the grid. */
export interface SpatialLayer {
  value: Value;
  rows: number;
  columns: number;
  channels: number;
  /** The axis of channels, and that of tokens where rows and columns are one axis. */
  channelAxis: number;
  tokenAxis: number | undefined;
  skip: number;
}

/** Class and register tokens, at most. */
const MOST_SKIPPED = 8;

/**
 * The values through which all of the picture passes on its way to the embedding, first to last, of
 * those that lie on a grid. Gradient and activation there account for the whole similarity: nothing
 * goes around them, as something goes around most others where a tower has residual connections.
 */
export function spatialCuts(b: GraphBuilder, input: Value, embedding: Value): SpatialLayer[] {
  const grids = convolutionGrids(b);
  return cuts(b.graph.nodes, input, embedding).flatMap((value) => asSpatial(b, value, grids) ?? []);
}

function cuts(nodes: readonly Node[], input: Value, embedding: Value): Value[] {
  const fed = new Set([input]);
  const lastUse = new Map<Value, number>([[embedding, Infinity]]);
  nodes.forEach(({ inputs, outputs }, at) => {
    if (!inputs.some((name) => fed.has(name))) return;
    for (const name of inputs)
      if (fed.has(name)) lastUse.set(name, Math.max(lastUse.get(name) ?? 0, at));
    for (const name of outputs) if (name !== '') fed.add(name);
  });
  const live = new Set([input]);
  const found: Value[] = [];
  nodes.forEach(({ outputs }, at) => {
    for (const name of outputs) if (fed.has(name) && lastUse.has(name)) live.add(name);
    for (const name of live) if (lastUse.get(name)! <= at) live.delete(name);
    const [only] = live;
    if (live.size === 1 && only !== found.at(-1)) found.push(only!);
  });
  return found;
}

/** "rows columns" of what convolutions give: what else has such axes lies on the picture too. */
function convolutionGrids(b: GraphBuilder): Set<string> {
  const outputs = b.graph.nodes.filter(({ op }) => op === 'Conv').map(({ outputs: [y] }) => y!);
  return new Set(outputs.map((y) => b.dims(y).slice(2).join(' ')));
}

function asSpatial(
  b: GraphBuilder,
  value: Value,
  grids: ReadonlySet<string>,
): SpatialLayer | undefined {
  const dims = b.types.get(value)?.dims ?? [];
  if (dims.length === 4 && grids.has(dims.slice(2).join(' '))) {
    const [, channels, rows, columns] = dims as [number, number, number, number];
    if (rows * columns === 1) return undefined;
    return { value, rows, columns, channels, channelAxis: 1, tokenAxis: undefined, skip: 0 };
  }
  const tokenAxis = dims.length === 3 ? [1, 0].find((axis) => dims[1 - axis] === 1) : undefined;
  if (tokenAxis === undefined) return undefined;
  for (const grid of grids) {
    const [rows, columns] = grid.split(' ').map(Number) as [number, number];
    const skip = dims[tokenAxis]! - rows * columns;
    if (rows * columns === 1 || skip < 0 || skip > MOST_SKIPPED) continue;
    return { value, rows, columns, channels: dims[2]!, channelAxis: 2, tokenAxis, skip };
  }
  return undefined;
}
