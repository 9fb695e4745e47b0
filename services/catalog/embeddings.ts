// Embeddings in bulk, for indexes. Reads through one plain connection, because Prisma takes twice as
// long for a hundred thousand vectors.

import type { CatalogModel } from './models';
import { SEARCHABLE, VECTORS, type Connection } from './sqlite';

export type Modality = 'image' | 'text';

export class Embeddings {
  constructor(private readonly database: Connection) {}

  /**
   * The ids, ascending, of what a search under `model` may find: items (image) or captions (text)
   * that have an embedding and whose picture is on the disk. About 1 ms per 2,000 ids.
   */
  searchableIds(model: CatalogModel, modality: Modality): number[] {
    return this.database.prepare(SEARCHABLE[modality]).pluck().all(model.id) as number[];
  }

  /**
   * The embeddings of items (image) or captions (text): ids.length × dimension, row-major, in the
   * order of `ids`, each row L2-normalised. Throws if one is missing. An embedding never changes.
   */
  vectors(model: CatalogModel, modality: Modality, ids: readonly number[]): Float32Array {
    const found = this.found(model, modality, ids);
    if (found.ids.length !== ids.length) {
      throw new Error(
        `${ids.length - found.ids.length} of ${ids.length} ${modality} embeddings of ${model.name} are gone; read the ids again`,
      );
    }
    return found.vectors;
  }

  /** Those of `ids` that have an embedding, in their order, and the embeddings as vectors() gives them. */
  found(
    model: CatalogModel,
    modality: Modality,
    ids: readonly number[],
  ): { ids: number[]; vectors: Float32Array } {
    const rows = this.database
      .prepare(VECTORS[modality])
      .raw()
      .all(JSON.stringify(ids), model.id) as [number, Buffer][];
    rows.sort(([a], [b]) => a - b);
    const vectors = new Float32Array(rows.length * model.dimension);
    const bytes = new Uint8Array(vectors.buffer);
    for (const [row, [, blob]] of rows.entries()) {
      bytes.set(blob, row * model.dimension * Float32Array.BYTES_PER_ELEMENT);
    }
    return { ids: rows.map(([position]) => ids[position]!), vectors };
  }
}
