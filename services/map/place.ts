// Places for pictures that were not laid out: among the nearest of those that were.

import { Random } from '#random';
import type { Neighbour, VectorIndex } from '#vectors';
import { TOGETHER, turn } from './layout';
import { EDGE, type MapOptions } from './types';

/** Neighbours that have a say. */
const NEIGHBOURS = 6;
/** Of them, those farther from the nearest one than this share of the map belong to another region. */
const REACH = 0.03 * EDGE;
/** How far from the middle of its neighbours a picture is put, so that few lie on one spot. */
const SCATTER = 0.003 * EDGE;

/** Pictures to place: ids, and their vectors, row-major. */
export interface Unplaced {
  ids: readonly number[];
  rows: Float32Array;
}

/**
 * Where new pictures go.
 *
 * @param index - the vectors of pictures that have a place, under their ids.
 * @param placeOf - x and y of such a picture, 0 to EDGE.
 * @returns x and y of each in turn.
 */
export async function place(
  { ids, rows }: Unplaced,
  index: VectorIndex,
  placeOf: (id: number) => [number, number],
  { signal }: MapOptions,
): Promise<Uint16Array> {
  const width = index.dimension;
  const places = new Uint16Array(2 * ids.length);
  for (let first = 0; first < ids.length; first += TOGETHER) {
    const some = ids.slice(first, first + TOGETHER);
    const found = await Promise.all(
      some.map((_, i) => {
        const row = first + i;
        return index.search(rows.subarray(row * width, (row + 1) * width), NEIGHBOURS);
      }),
    );
    for (const [i, neighbours] of found.entries()) {
      places.set(amid(some[i]!, neighbours, placeOf), 2 * (first + i));
    }
    await turn(signal);
  }
  return places;
}

/** The mean of the neighbours around the nearest, and a step aside that depends on the id alone. */
function amid(
  id: number,
  neighbours: readonly Neighbour[],
  placeOf: (id: number) => [number, number],
): [number, number] {
  const around = neighbours.map((neighbour) => placeOf(neighbour.id));
  const [nearestX, nearestY] = around[0]!;
  const near = around.filter(([x, y]) => Math.hypot(x - nearestX, y - nearestY) <= REACH);
  const random = Random.of(id);
  const on = (axis: 0 | 1) => {
    const middle = near.reduce((sum, point) => sum + point[axis], 0) / near.length;
    return Math.min(EDGE, Math.max(0, Math.round(middle + SCATTER * random.normal())));
  };
  return [on(0), on(1)];
}
