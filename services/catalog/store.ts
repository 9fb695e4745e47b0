// Stores a batch of pictures with their captions and embeddings: one transaction, a handful of
// set-based statements whatever the size of the batch.

import type { PrismaClient } from './prisma';
import type { CatalogModel } from './models';
import * as sql from './sqlite';
import { write, type Transaction } from './transaction';
import { insertEmbeddings } from './vectors';

/** What is known of one content, and of every file that holds it. */
export interface Content {
  sha256: string;
  /** In pixels, as shown (after the EXIF orientation). */
  width: number;
  height: number;
  /** jpeg, png, webp, … */
  format: string;
  bytes: number;
  takenAt?: Date | undefined;
}

/** All that one source (a side file) says about a picture now; what it said before is replaced. */
export interface SourcedCaptions {
  source: string;
  texts: { text: string; language?: string | undefined }[];
}

export interface StoredPicture {
  /** Absolute. */
  path: string;
  size: number;
  mtimeMs: number;
  content: Content;
  /** The picture's embedding; absent when the item has it already. */
  vector?: Float32Array | undefined;
  captions: SourcedCaptions[];
}

export interface Batch {
  model: CatalogModel;
  pictures: StoredPicture[];
  /** The embedding of each caption text of the batch. */
  textVectors: ReadonlyMap<string, Float32Array>;
  /** Made if it does not exist. */
  collection?: string | undefined;
}

/**
 * Stores all of a batch or nothing. Known contents, captions and embeddings stay as they are. A path
 * whose content has changed gets the new item; if no other path has the old content, its captions and
 * collections move to the new item and it goes.
 */
export async function store(prisma: PrismaClient, batch: Batch): Promise<void> {
  const { pictures, collection } = batch;
  if (pictures.length === 0) return;
  await write(prisma, async (tx) => {
    await storeFiles(tx, pictures);
    await storeCaptions(tx, pictures);
    await storeImageEmbeddings(tx, batch);
    await storeTextEmbeddings(tx, batch);
    if (collection !== undefined) await storeMembers(tx, pictures, collection);
  });
}

async function storeFiles(tx: Transaction, pictures: StoredPicture[]): Promise<void> {
  const createdAt = timestamp(new Date());
  const items = pictures.map(({ content: { takenAt, ...content } }) => ({
    ...content,
    takenAt: takenAt && timestamp(takenAt),
    createdAt,
  }));
  const files = pictures.map(({ path, size, mtimeMs, content: { sha256 } }) => ({
    path,
    size,
    mtimeMs,
    sha256,
  }));
  await tx.$executeRawUnsafe(sql.INSERT_ITEMS, JSON.stringify(items));
  const rows = JSON.stringify(files);
  const replaced = await tx.$queryRawUnsafe<Replaced[]>(sql.SELECT_REPLACED, rows);
  await tx.$executeRawUnsafe(sql.UPSERT_FILES, rows);
  for (const pair of replaced) await inherit(tx, pair);
}

interface Replaced {
  before: number;
  after: number;
}

async function inherit(tx: Transaction, { before, after }: Replaced): Promise<void> {
  if ((await tx.file.count({ where: { itemId: before } })) > 0) return;
  await tx.$executeRawUnsafe(sql.MOVE_CAPTIONS, after, before);
  await tx.$executeRawUnsafe(sql.MOVE_COLLECTIONS, after, before);
  await tx.item.deleteMany({ where: { id: before } });
}

async function storeCaptions(tx: Transaction, pictures: StoredPicture[]): Promise<void> {
  const rows = pictures.flatMap(({ content: { sha256 }, captions }) =>
    captions.map(({ source, texts }) => ({ sha256, source, texts })),
  );
  if (rows.length === 0) return;
  const json = JSON.stringify(rows);
  await tx.$executeRawUnsafe(sql.DELETE_STALE_CAPTIONS, json);
  await tx.$executeRawUnsafe(sql.INSERT_CAPTIONS, json);
}

async function storeImageEmbeddings(tx: Transaction, { model, pictures }: Batch): Promise<void> {
  const rows: { sha256: string }[] = [];
  const vectors: Float32Array[] = [];
  for (const { content, vector } of pictures) {
    if (vector === undefined) continue;
    rows.push({ sha256: content.sha256 });
    vectors.push(vector);
  }
  await insertEmbeddings(tx, sql.INSERT_IMAGE_EMBEDDINGS, model, vectors, rows);
}

async function storeTextEmbeddings(tx: Transaction, batch: Batch): Promise<void> {
  const { model, pictures, textVectors } = batch;
  const positions = new Map([...textVectors.keys()].map((text, position) => [text, position]));
  const rows = pictures.flatMap(({ content: { sha256 }, captions }) =>
    captions.flatMap(({ texts }) =>
      texts.flatMap(({ text }) => {
        const vector = positions.get(text);
        return vector === undefined ? [] : [{ sha256, text, vector }];
      }),
    ),
  );
  await insertEmbeddings(tx, sql.INSERT_TEXT_EMBEDDINGS, model, [...textVectors.values()], rows);
}

async function storeMembers(
  tx: Transaction,
  pictures: StoredPicture[],
  name: string,
): Promise<void> {
  const { id } = await tx.collection.upsert({ where: { name }, create: { name }, update: {} });
  const rows = pictures.map(({ content: { sha256 } }) => ({ sha256 }));
  await tx.$executeRawUnsafe(sql.INSERT_MEMBERS, id, JSON.stringify(rows));
}

/** A time as Prisma's driver writes it. */
function timestamp(time: Date): string {
  return time.toISOString().replace('Z', '+00:00');
}
