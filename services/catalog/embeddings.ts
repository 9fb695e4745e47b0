// Embeddings in bulk, for indexes. Reads through one plain connection, because Prisma takes twice as
// long for a hundred thousand vectors.

import type { CatalogModel } from './models';
import { inTurn, openBulk, parseIds, SEARCHABLE, VECTORS, type Connection } from './sqlite';

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
    const [count, positions, vectors] = this.database
      .prepare(VECTORS[modality])
      .raw()
      .get(JSON.stringify(ids), model.id) as [number, Buffer, Buffer];
    if (count === 0) return { ids: [], vectors: new Float32Array() };
    const found = parseIds(positions, count);
    return { ids: Array.from(found, (position) => ids[position]!), vectors: floats(vectors) };
  }
}

/** Only the embeddings of a catalog that others have opened, and brought up to date: in no time. */
export async function openEmbeddings(
  file: string,
): Promise<{ embeddings: Embeddings; close: () => void }> {
  const database = await inTurn(() => openBulk(file));
  return { embeddings: new Embeddings(database), close: () => database.close() };
}

/** The floats of a blob, in its own memory where that lies as they need it. */
function floats({ buffer, byteOffset, byteLength }: Buffer): Float32Array {
  const bytes = Float32Array.BYTES_PER_ELEMENT;
  return byteOffset % bytes === 0
    ? new Float32Array(buffer, byteOffset, byteLength / bytes)
    : new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}
