// What is not on the disk is in no index: its vectors are read from the catalog, and compared.

import { setImmediate } from 'node:timers/promises';
import { createExactIndex, type Neighbour } from '#vectors';
import { batches, type GraphSource } from './build/graph-source';

/** The `k` nearest among `ids`. */
export async function searchMissing(
  source: GraphSource,
  vector: Float32Array,
  k: number,
  ids: Uint32Array,
): Promise<Neighbour[]> {
  const index = createExactIndex({ dimension: source.model.dimension });
  try {
    for (const { ids: some, vectors } of batches(source, Array.from(ids), 1_024)) {
      index.add(some, vectors);
      await setImmediate();
    }
    return await index.search(vector, k);
  } finally {
    await index.close();
  }
}
