// Vectors on their way into the database: checked, and sent as one value.

import type { CatalogModel } from './models';
import type { Connection } from './sqlite';

/**
 * Runs one of the statements that insert embeddings. The vectors go end to end as one value, which
 * the statement cuts into rows.
 *
 * @param rows - what the statement asks for; `vector` is a position in `vectors`.
 */
export function insertEmbeddings(
  database: Connection,
  statement: string,
  model: CatalogModel,
  vectors: Float32Array[],
  rows: { vector: number }[],
): void {
  if (rows.length === 0) return;
  const bytes = model.dimension * Float32Array.BYTES_PER_ELEMENT;
  const packed = pack(vectors, model);
  database.prepare(statement).run(model.id, packed, bytes, bytes, JSON.stringify(rows));
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
    packed.set(vector, row * dimension);
  }
  let sum = 0;
  for (let i = 0; i < packed.length; i++) sum += packed[i]!;
  // A sum of L2-normalised rows is finite if and only if each number is.
  if (!Number.isFinite(sum)) {
    throw new Error(`${name} gave an embedding that is not finite; check the model's weights`);
  }
  return new Uint8Array(packed.buffer);
}
