// Pictures and captions that wait for an embedding by a model: one that came later than they did.

import type { CatalogModel } from './models';
import type { PrismaClient } from './prisma';
import {
  atomically,
  COUNT_WAITING,
  INSERT_CAPTION_EMBEDDINGS,
  INSERT_ITEM_EMBEDDINGS,
  UNEMBEDDED_ITEMS,
  type Connection,
} from './sqlite';
import { insertEmbeddings } from './vectors';

/** A picture to embed: its item, and the files that hold it now. */
export interface WaitingItem {
  id: number;
  sha256: string;
  paths: string[];
}

/** What has an embedding by a model, and what waits for one. Captions of missing pictures do not count. */
export interface Waiting {
  /** Pictures on the disk. */
  images: number;
  texts: number;
  /** Pictures that lack one and whose every file is gone or unreadable. */
  missing: number;
}

export function countWaiting(database: Connection, { id }: CatalogModel): Waiting {
  return database.prepare(COUNT_WAITING).get({ model: id }) as Waiting;
}

/** Items on the disk without an embedding under `model`, by id, after the id `after`. */
export function unembeddedItems(
  database: Connection,
  { id }: CatalogModel,
  after: number,
  limit: number,
): WaitingItem[] {
  const rows = database.prepare(UNEMBEDDED_ITEMS).all(after, id, limit) as WaitingRow[];
  return rows.map(({ paths, ...row }) => ({ ...row, paths: JSON.parse(paths) as string[] }));
}

interface WaitingRow {
  id: number;
  sha256: string;
  /** A JSON array. */
  paths: string;
}

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

/** Stores embeddings of items by id: all of them, or nothing. Items that are gone are skipped. */
export function embedItems(
  database: Connection,
  model: CatalogModel,
  vectors: ReadonlyMap<number, Float32Array>,
): Promise<void> {
  return embed(database, INSERT_ITEM_EMBEDDINGS, model, vectors);
}

/** The same for captions. */
export function embedCaptions(
  database: Connection,
  model: CatalogModel,
  vectors: ReadonlyMap<number, Float32Array>,
): Promise<void> {
  return embed(database, INSERT_CAPTION_EMBEDDINGS, model, vectors);
}

async function embed(
  database: Connection,
  statement: string,
  model: CatalogModel,
  vectors: ReadonlyMap<number, Float32Array>,
): Promise<void> {
  const rows = [...vectors.keys()].map((id, vector) => ({ id, vector }));
  await atomically(database, () =>
    insertEmbeddings(database, statement, model, [...vectors.values()], rows),
  );
}
