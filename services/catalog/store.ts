// Stores a batch of pictures with their captions and embeddings: one transaction, a handful of
// set-based statements whatever the size of the batch, straight through the driver.

import type { CatalogModel } from './models';
import * as sql from './sqlite';
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
  /** Maker and model. */
  camera?: string | undefined;
  /** Degrees, north and east positive. */
  latitude?: number | undefined;
  longitude?: number | undefined;
  /** 16 hexadecimal digits: 64 bits, of which pictures that look alike differ in few. */
  perceptualHash?: string | undefined;
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
 * Stores all of a batch or nothing. Known contents, captions and embeddings stay as they are, but that
 * a content without a perceptual hash gets what it lacks. A path whose content has changed gets the new item; if no other path has the old content, its captions and
 * collections move to the new item and it goes.
 */
export async function store(database: sql.Connection, batch: Batch): Promise<void> {
  if (batch.pictures.length === 0) return;
  await sql.atomically(database, () => {
    storeFiles(database, batch);
    storeCaptions(database, batch);
    storeImageEmbeddings(database, batch);
    storeTextEmbeddings(database, batch);
    storeMembers(database, batch);
  });
}

function storeFiles(database: sql.Connection, { pictures }: Batch): void {
  const createdAt = Date.now();
  const items = pictures.map(({ content: { takenAt, ...content } }) => ({
    ...content,
    takenAt: takenAt?.getTime(),
    createdAt,
  }));
  const files = pictures.map(({ path, size, mtimeMs, content: { sha256 } }) => ({
    path,
    size,
    mtimeMs,
    sha256,
  }));
  database.prepare(sql.INSERT_ITEMS).run(JSON.stringify(items));
  const rows = JSON.stringify(files);
  const replaced = database.prepare(sql.SELECT_REPLACED).all(rows) as Replaced[];
  database.prepare(sql.UPSERT_FILES).run(rows);
  for (const pair of replaced) inherit(database, pair);
}

interface Replaced {
  before: number;
  after: number;
}

function inherit(database: sql.Connection, { before, after }: Replaced): void {
  const others = database.prepare(sql.FILES_OF).pluck().get(before) as number;
  if (others > 0) return;
  database.prepare(sql.MOVE_CAPTIONS).run(after, before);
  database.prepare(sql.MOVE_COLLECTIONS).run(after, before);
  database.prepare(sql.DELETE_ITEM).run(before);
}

function storeCaptions(database: sql.Connection, { pictures }: Batch): void {
  const rows = pictures.flatMap(({ content: { sha256 }, captions }) =>
    captions.map(({ source, texts }) => ({ sha256, source, texts })),
  );
  if (rows.length === 0) return;
  const json = JSON.stringify(rows);
  database.prepare(sql.DELETE_STALE_CAPTIONS).run(json);
  database.prepare(sql.INSERT_CAPTIONS).run(json);
}

function storeImageEmbeddings(database: sql.Connection, { model, pictures }: Batch): void {
  const embedded = pictures.flatMap(({ content: { sha256 }, vector }) =>
    vector === undefined ? [] : [{ sha256, vector }],
  );
  insertEmbeddings(
    database,
    sql.INSERT_IMAGE_EMBEDDINGS,
    model,
    embedded.map(({ vector }) => vector),
    embedded.map(({ sha256 }, vector) => ({ sha256, vector })),
  );
}

function storeTextEmbeddings(database: sql.Connection, batch: Batch): void {
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
  insertEmbeddings(database, sql.INSERT_TEXT_EMBEDDINGS, model, [...textVectors.values()], rows);
}

function storeMembers(database: sql.Connection, { pictures, collection }: Batch): void {
  if (collection === undefined) return;
  const rows = pictures.map(({ content: { sha256 } }) => ({ sha256 }));
  database.prepare(sql.INSERT_COLLECTION).run(collection, Date.now());
  database.prepare(sql.INSERT_MEMBERS).run(collection, JSON.stringify(rows));
}
