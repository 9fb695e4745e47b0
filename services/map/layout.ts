// The layout of some pictures: UMAP (McInnes et al. 2018) over their nearest neighbours by cosine, which
// our own exact index finds, from the two principal components instead of from noise.

import { UMAP } from 'umap-js';
import { Random } from '#random';
import type { VectorIndex } from '#vectors';
import { principalPlane } from './principal-plane';
import type { MapOptions } from './types';

/** As UMAP's authors choose: wide enough that one cluster does not fall into crumbs. */
const NEIGHBOURS = 15;
/** Distance of near points: some air, so that thumbnails lie side by side. */
const MIN_DISTANCE = 0.25;
const SEED = 1;
/** UMAP begins from about ten units each way. */
const SPAN = 20;
/** Fewer are put on a circle: UMAP needs more points than neighbours. */
export const FEWEST = NEIGHBOURS + 2;

/**
 * Places `count` points in two dimensions.
 *
 * @param rows - their vectors, row-major, L2-normalised.
 * @param index - the same vectors, under their row numbers.
 * @returns x and y of each in turn, in no particular unit.
 */
export async function layOut(
  rows: Float32Array,
  count: number,
  index: VectorIndex,
  options: MapOptions,
): Promise<Float32Array> {
  if (count < FEWEST) return circle(count);
  const { neighbours, distances } = await nearest(rows, count, index, options);
  const random = new Random(SEED);
  const umap = new UMAP({
    nNeighbors: NEIGHBOURS,
    minDist: MIN_DISTANCE,
    random: () => random.uniform(),
  });
  umap.setPrecomputedKNN(neighbours, distances);
  // With the neighbours known, of the vectors only their number is looked at.
  const epochs = umap.initializeFit(neighbours);
  begin(umap.getEmbedding(), principalPlane(rows, count));
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step();
    options.onProgress?.({ phase: 'layout', done: epoch + 1, total: epochs });
    await turn(options.signal);
  }
  return Float32Array.from(umap.getEmbedding().flat());
}

/** Lets signals and messages in; throws when the work is to stop. */
export async function turn(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}

/** Of each point, the nearest ones and their cosine distances; itself first, as UMAP expects. */
async function nearest(
  rows: Float32Array,
  count: number,
  index: VectorIndex,
  { onProgress, signal }: MapOptions,
): Promise<{ neighbours: number[][]; distances: number[][] }> {
  const width = index.dimension;
  const neighbours: number[][] = [];
  const distances: number[][] = [];
  for (let first = 0; first < count; first += TOGETHER) {
    const some = Array.from({ length: Math.min(TOGETHER, count - first) }, (_, i) => first + i);
    const found = await Promise.all(
      some.map((row) =>
        index.search(rows.subarray(row * width, (row + 1) * width), NEIGHBOURS + 1),
      ),
    );
    for (const [i, hits] of found.entries()) {
      const others = hits.filter(({ id }) => id !== some[i]).slice(0, NEIGHBOURS - 1);
      neighbours.push([some[i]!, ...others.map(({ id }) => id)]);
      distances.push([0, ...others.map(({ score }) => Math.max(0, 1 - score))]);
    }
    onProgress?.({ phase: 'neighbours', done: first + some.length, total: count });
    await turn(signal);
  }
  return { neighbours, distances };
}

/** Queries that share a scan of the index. */
export const TOGETHER = 64;

/** Moves the points of a layout that has not begun to where they are to begin. */
function begin(points: number[][], plane: Float32Array): void {
  const farthest = plane.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-12);
  for (const [row, point] of points.entries()) {
    // A little of the noise that it begins from stays: equal vectors must part.
    for (const axis of [0, 1]) {
      point[axis] = 0.01 * point[axis]! + ((SPAN / 2) * plane[2 * row + axis]!) / farthest;
    }
  }
}

function circle(count: number): Float32Array {
  const places = new Float32Array(2 * count);
  for (let row = 0; row < count; row++) {
    places[2 * row] = Math.cos((2 * Math.PI * row) / count);
    places[2 * row + 1] = Math.sin((2 * Math.PI * row) / count);
  }
  return places;
}
