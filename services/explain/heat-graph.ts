// The graph that tells what each place of a picture adds to its similarity with a query: gradient times
// activation, where the tower's activations still lie on a grid.

import { differentiate, Ops } from '#autodiff';
import type { ModelFolder } from '#model';
import { GraphBuilder, inlineGraph, toModelFile, type Value } from '#onnx';
import { readTower } from '#training';
import { spatialCuts, type SpatialLayer } from './spatial';

/** A coarser grid says too little of where. */
export const FINE = 7;
/** The last ones may give nothing: behind a transformer's last block only the class token counts. */
const LAYERS = 6;

export interface HeatGraph {
  /** Inputs `pixel_values` [1, 3, height, width] and `query` [1, dimension]; outputs `heat.N`. */
  model: Uint8Array;
  /** Grids of the outputs, from the tower's end on. */
  grids: { rows: number; columns: number }[];
}

/**
 * Builds the graph of a model. Each output is Σ over channels of gradient · (activation − its mean over
 * the grid), the gradient being that of the cosine with the query: what makes this place different from
 * the rest of the picture, times how much that counts (HiResCAM, Draelos and Carin 2020, about the mean).
 * Throws one line where the tower cannot be differentiated, or keeps no grid.
 */
export async function buildHeatGraph(folder: ModelFolder): Promise<HeatGraph> {
  const tower = await readTower(folder, 'image', { frozen: true });
  const b = new GraphBuilder('heat');
  const ops = new Ops(b, true);
  const { height, width } = folder.preprocessing;
  const outputs = inlineGraph(b, tower.graph, {
    // Names that the builder gives may be in the graph already.
    prefix: 'tower.',
    inputs: { pixel_values: [1, 3, height, width] },
    parameters: new Set(),
  });
  const embedding = Object.values(outputs)[0]!;
  const layers = chooseLayers(spatialCuts(b, 'pixel_values', embedding));
  if (layers.length === 0)
    throw new Error(`${folder.name}: its image tower keeps no grid of places`);
  const cosine = cosineWithQuery(ops, embedding);
  const gradients = differentiate(b, {
    seeds: new Map([
      [
        cosine,
        b.constant({ dataType: 'float32', dims: ops.dims(cosine), data: new Float32Array([1]) }),
      ],
    ]),
    wrt: layers.map(({ value }) => value),
    fused: true,
  });
  const reached = layers.filter(({ value }) => gradients.has(value));
  reached.forEach((layer, n) => {
    const heat = heatOf(ops, layer, gradients.get(layer.value)!);
    b.output(heat, `heat.${n}`, 'float32', ops.dims(heat));
  });
  return {
    model: toModelFile(b.graph),
    grids: reached.map(({ rows, columns }) => ({ rows, columns })),
  };
}

/** The last ones, and the last fine ones, from the tower's end on. */
function chooseLayers(layers: SpatialLayer[]): SpatialLayer[] {
  const fine = layers.filter(({ rows, columns }) => Math.min(rows, columns) >= FINE);
  const chosen = new Set([...layers.slice(-LAYERS), ...fine.slice(-LAYERS)]);
  return layers.filter((layer) => chosen.has(layer)).reverse();
}

/** cos(embedding, query), [1, 1]; the query has length one. */
function cosineWithQuery(ops: Ops, embedding: Value): Value {
  const query = ops.b.input('query', 'float32', ops.dims(embedding));
  const product = ops.reduceSum(ops.mul(embedding, query), [1], true);
  const square = ops.reduceSum(ops.mul(embedding, embedding), [1], true);
  return ops.div(product, ops.b.op('Sqrt', [square]));
}

/** One number a place, [rows · columns]. */
function heatOf(ops: Ops, layer: SpatialLayer, gradient: Value): Value {
  const { rows, columns, channels, tokenAxis, skip, value } = layer;
  const places = rows * columns;
  // To [places, channels], without the tokens that stand for no place.
  const placed = (x: Value) => {
    if (tokenAxis === undefined) return ops.transpose(ops.reshape(x, [channels, places]), [1, 0]);
    const tokens = ops.reshape(x, [skip + places, channels]);
    const range = [[skip], [skip + places], [0]].map((ints) => ops.b.ints(ints));
    return skip === 0 ? tokens : ops.b.op('Slice', [tokens, ...range]);
  };
  const activation = placed(value);
  const mean = ops.scale(ops.reduceSum(activation, [0], true), 1 / places);
  return ops.reduceSum(ops.mul(placed(gradient), ops.sub(activation, mean)), [1]);
}
