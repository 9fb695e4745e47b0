// Vectors on their way into the database: checked, and sent as one value.

import type { CatalogModel } from './models';
import type { Transaction } from './transaction';

/**
 * Runs one of the statements that insert embeddings. The vectors go end to end as one value, which
 * the statement cuts into rows: one crossing of the border, not thousands.
 *
 * @param rows - what the statement asks for.
 */
export async function insertEmbeddings(
  tx: Transaction,
  statement: string,
  model: CatalogModel,
  vectors: Float32Array[],
  rows: object[],
): Promise<void> {
  if (rows.length === 0) return;
  const bytes = model.dimension * Float32Array.BYTES_PER_ELEMENT;
  const packed = pack(vectors, model);
  await tx.$executeRawUnsafe(statement, model.id, packed, bytes, bytes, JSON.stringify(rows));
}

/** The vectors end to end, checked: a wrong one would spoil every search that meets it. */
function pack(vectors: Float32Array[], { name, dimension }: CatalogModel): Uint8Array {
  const packed = new Float32Array(vectors.length * dimension);
  for (const [row, vector] of vectors.entries()) {
    if (vector.length !== dimension) {
      throw new Error(
        `an embedding of ${name} must have ${dimension} numbers, this one has ${vector.length}`,
      );
    }
    if (!vector.every(Number.isFinite)) {
      throw new Error(`${name} gave an embedding that is not finite; check the model's weights`);
    }
    packed.set(vector, row * dimension);
  }
  return new Uint8Array(packed.buffer);
}
