// Captions that wait for an embedding: those of a model that came later, or of pictures known before.

import type { CatalogModel } from './models';
import type { PrismaClient } from './prisma';
import { atomically, INSERT_CAPTION_EMBEDDINGS, type Connection } from './sqlite';
import { insertEmbeddings } from './vectors';

/** Captions without an embedding under `model` whose picture has one, by id, after the id `after`. */
export function unembeddedCaptions(
  prisma: PrismaClient,
  { id: modelId }: CatalogModel,
  after: number,
  limit: number,
): Promise<{ id: number; text: string }[]> {
  return prisma.caption.findMany({
    where: {
      id: { gt: after },
      embeddings: { none: { modelId } },
      item: { embeddings: { some: { modelId } } },
    },
    select: { id: true, text: true },
    orderBy: { id: 'asc' },
    take: limit,
  });
}

/** Stores embeddings by caption id: all of them, or nothing. Captions that are gone are skipped. */
export async function embedCaptions(
  database: Connection,
  model: CatalogModel,
  vectors: ReadonlyMap<number, Float32Array>,
): Promise<void> {
  const rows = [...vectors.keys()].map((id, vector) => ({ id, vector }));
  await atomically(database, () =>
    insertEmbeddings(database, INSERT_CAPTION_EMBEDDINGS, model, [...vectors.values()], rows),
  );
}
