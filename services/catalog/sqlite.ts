// Everything that is true of SQLite only: how a database is made and opened, how writers take turns,
// and the set-based statements that store a batch. What the statements are for stands in store.ts.

import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';

export type Connection = Database.Database;
export type Statement = Database.Statement;

/** The largest there is: a page of 16 KB wastes an eighth on vectors of 2 KB, this one a thirtieth. */
const PAGE_BYTES = 65536;

/**
 * How long a statement blocks its thread until another writer has finished. Short, because the other
 * may wait for this very thread; who needs longer tries again (transaction.ts).
 */
const BUSY_MS = 200;

/** What the log holds before it is brought into the database: 16 MB, as with pages of 16 KB. */
const LOG_PAGES = 256;

/** Pages copied between two looks at what else there is to do: 16 MB. */
const PAGES_COPIED = 256;

/** How long anybody waits for a turn before giving up, and how long between two tries. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 20;

/** Makes an empty database that readers can read while somebody writes. */
export function createDatabase(file: string): void {
  const database = new Database(file);
  database.pragma(`page_size = ${PAGE_BYTES}`);
  database.pragma('journal_mode = WAL');
  database.close();
}

/** The plain connection that carries what comes in bulk: vectors out, batches in. */
export function openBulk(file: string): Connection {
  const database = new Database(file, { fileMustExist: true, timeout: BUSY_MS });
  database.pragma(`wal_autocheckpoint = ${LOG_PAGES}`);
  return database;
}

/** Prisma's connections to `file`. Foreign keys are on by the driver's default. */
export function prismaAdapter(file: string): PrismaBetterSqlite3 {
  return new PrismaBetterSqlite3(
    { url: `file:${file}`, timeout: BUSY_MS },
    { timestampFormat: 'unixepoch-ms' },
  );
}

/**
 * Runs `work` while no other process, and no other call in this one, runs its own under the same
 * `lockFile`. The lock is a transaction, so a killed process cannot leave it behind.
 */
export async function exclusively<T>(lockFile: string, work: () => Promise<T>): Promise<T> {
  const lock = new Database(lockFile, { timeout: 0 });
  try {
    await inTurn(() => lock.exec('BEGIN EXCLUSIVE'));
    return await work();
  } finally {
    lock.close();
  }
}

/**
 * Takes the lock in `lockFile` until the function it gives is called, or this process ends, however it
 * does; undefined where another process, or another call in this one, has it.
 */
export function tryLock(lockFile: string): (() => void) | undefined {
  const lock = new Database(lockFile, { timeout: 0 });
  try {
    lock.pragma('journal_mode = MEMORY'); // No second file beside it.
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return () => lock.close();
}

/**
 * Runs `work` in one transaction of `database`. It must not wait for anything, so that no other
 * writer of this process can come in between.
 */
export async function atomically<T>(database: Connection, work: () => T): Promise<T> {
  const transaction = database.transaction(work);
  return inTurn(() => transaction.immediate());
}

/** Tries `work` until no other writer is in the way. */
export async function inTurn<T>(work: () => T | Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error;
    }
    await setTimeout(PAUSE_MS);
  }
}

/** Whether SQLite said so, to the driver itself or through Prisma. */
function isBusy(error: unknown): boolean {
  const { code, cause, meta } = error as DriverError;
  const reason = meta?.driverAdapterError?.cause?.originalCode ?? code;
  return reason === undefined && cause !== undefined
    ? isBusy(cause)
    : String(reason).startsWith('SQLITE_BUSY');
}

interface DriverError {
  code?: string;
  cause?: unknown;
  meta?: { driverAdapterError?: { cause?: { originalCode?: string } } };
}

/** The id that the database was made with. */
export function identity(database: Connection): string {
  return database.prepare('SELECT "id" FROM "Identity"').pluck().get() as string;
}

/** A number that grows with every commit: of others, whom SQLite counts, and of this connection. */
export function version(database: Connection): number {
  const ofOthers = database.pragma('data_version', { simple: true }) as number;
  const own = database.prepare('SELECT total_changes()').pluck().get() as number;
  return ofOthers + own;
}

/**
 * The ids that a statement gives (its one column is "id"), ascending. They leave the database as one
 * text, in a third of the time that rows take.
 */
export function readIds(
  database: Connection,
  statement: string,
  parameters: (string | number)[],
): Uint32Array {
  const [count, text] = database
    .prepare(`SELECT count(*), CAST(group_concat("id") AS BLOB) FROM (${statement})`)
    .raw()
    .get(...parameters) as [number, Buffer | null];
  const ids = new Uint32Array(count);
  if (text === null) return ids;
  let id = 0;
  let n = 0;
  for (const byte of text) {
    if (byte === COMMA) {
      ids[n++] = id;
      id = 0;
    } else id = id * 10 + byte - ZERO;
  }
  ids[n] = id;
  return ids.sort();
}

const COMMA = 0x2c;
const ZERO = 0x30;

/**
 * Copies a database, as it is at this moment, to a new file. The copy reads one snapshot: without it,
 * each write of another process would make it begin again.
 */
export async function copyTo(
  file: string,
  copy: string,
  onProgress: (share: number) => void,
): Promise<void> {
  const database = new Database(file, { fileMustExist: true, timeout: BUSY_MS });
  try {
    database.exec('BEGIN; SELECT "id" FROM "Identity"');
    await database.backup(copy, {
      progress({ totalPages, remainingPages }) {
        onProgress(1 - remainingPages / totalPages);
        return PAGES_COPIED;
      },
    });
  } finally {
    database.close();
  }
}

/** What is wrong with a file that should be a catalog; null if nothing. */
export function soundness(file: string): string | null {
  const database = new Database(file, { fileMustExist: true });
  try {
    const line = database.pragma('quick_check(1)', { simple: true }) as string;
    if (line !== 'ok') return line;
    identity(database);
    return null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    database.close();
  }
}

/** Makes a database another one, for all that was derived from it. */
export function newIdentity(file: string): void {
  const database = new Database(file, { fileMustExist: true });
  database.exec('UPDATE "Identity" SET "id" = lower(hex(randomblob(16)))');
  database.close();
}

/**
 * Keeps everybody else from a database, and brings its log into it, until the function it gives is
 * called. Throws if anybody has it open.
 */
export function ownExclusively(file: string): () => void {
  const database = new Database(file, { timeout: BUSY_MS });
  try {
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = DELETE');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new Error(`${file} is in use; stop the server and every other bifocal, then try again`, {
      cause: error,
    });
  }
  return () => database.close();
}

/**
 * Touches nothing but makes its transaction a writer from the first statement on. A transaction that
 * reads first and writes later fails if somebody else wrote in between; one that begins as a writer
 * waits for its turn.
 */
export const TAKE_TURN = 'UPDATE "Identity" SET "id" = "id" WHERE false';

// The statements of a batch. Each takes its rows as one JSON array.

/** rows: {sha256, width, height, format, bytes, createdAt, takenAt, camera, latitude, longitude,
 * perceptualHash}. What an item of before the last four were known lacks is filled in. */
export const INSERT_ITEMS = `
  INSERT INTO "Item" ("sha256", "width", "height", "format", "bytes", "createdAt", "takenAt",
                      "camera", "latitude", "longitude", "perceptualHash")
  SELECT value ->> 'sha256', value ->> 'width', value ->> 'height', value ->> 'format',
         value ->> 'bytes', value ->> 'createdAt', value ->> 'takenAt', value ->> 'camera',
         value ->> 'latitude', value ->> 'longitude', value ->> 'perceptualHash'
  FROM json_each(?) WHERE true
  ON CONFLICT ("sha256") DO UPDATE SET
    "takenAt" = coalesce("takenAt", excluded."takenAt"),
    "camera" = coalesce("camera", excluded."camera"),
    "latitude" = coalesce("latitude", excluded."latitude"),
    "longitude" = coalesce("longitude", excluded."longitude"),
    "perceptualHash" = excluded."perceptualHash"
  WHERE "perceptualHash" IS NULL AND excluded."perceptualHash" IS NOT NULL`;

/** rows: {path, sha256}. Gives {before, after}: the items of paths whose content has changed. */
export const SELECT_REPLACED = `
  SELECT DISTINCT f."itemId" AS "before", i."id" AS "after"
  FROM json_each(?) AS j
  CROSS JOIN "File" AS f ON f."path" = j.value ->> 'path'
  CROSS JOIN "Item" AS i ON i."sha256" = j.value ->> 'sha256'
  WHERE f."itemId" <> i."id"`;

/** rows: {path, sha256, size, mtimeMs} */
export const UPSERT_FILES = `
  INSERT INTO "File" ("path", "itemId", "size", "mtimeMs", "status")
  SELECT j.value ->> 'path', i."id", j.value ->> 'size', j.value ->> 'mtimeMs', 'present'
  FROM json_each(?) AS j CROSS JOIN "Item" AS i ON i."sha256" = j.value ->> 'sha256' WHERE true
  ON CONFLICT ("path") DO UPDATE SET "itemId" = excluded."itemId", "size" = excluded."size",
    "mtimeMs" = excluded."mtimeMs", "status" = 'present', "reason" = NULL`;

/** Parameters: new item, old item. What the new item already has stays with the old one. */
export const MOVE_CAPTIONS = `UPDATE OR IGNORE "Caption" SET "itemId" = ? WHERE "itemId" = ?`;
export const MOVE_COLLECTIONS = `UPDATE OR IGNORE "CollectionItem" SET "itemId" = ? WHERE "itemId" = ?`;

/** rows: {sha256, source, texts: [{text, language}]}. Drops what a source said once and says no more. */
export const DELETE_STALE_CAPTIONS = `
  DELETE FROM "Caption" WHERE "id" IN (
    SELECT c."id"
    FROM json_each(?) AS j
    CROSS JOIN "Item" AS i ON i."sha256" = j.value ->> 'sha256'
    CROSS JOIN "Caption" AS c ON c."itemId" = i."id" AND c."source" = j.value ->> 'source'
    WHERE c."text" NOT IN (SELECT t.value ->> 'text' FROM json_each(j.value -> 'texts') AS t))`;

/** rows: as above */
export const INSERT_CAPTIONS = `
  INSERT INTO "Caption" ("itemId", "text", "source", "language")
  SELECT i."id", t.value ->> 'text', j.value ->> 'source', t.value ->> 'language'
  FROM json_each(?) AS j
  CROSS JOIN "Item" AS i ON i."sha256" = j.value ->> 'sha256'
  CROSS JOIN json_each(j.value -> 'texts') AS t WHERE true
  ON CONFLICT ("itemId", "text") DO NOTHING`;

export const FILES_OF = 'SELECT count(*) FROM "File" WHERE "itemId" = ?';
export const DELETE_ITEM = 'DELETE FROM "Item" WHERE "id" = ?';

/** Parameters: name, time */
export const INSERT_COLLECTION = `
  INSERT INTO "Collection" ("name", "createdAt") VALUES (?, ?) ON CONFLICT ("name") DO NOTHING`;

/** Parameters: the collection's name, rows {sha256} */
export const INSERT_MEMBERS = `
  INSERT INTO "CollectionItem" ("collectionId", "itemId")
  SELECT DISTINCT (SELECT "id" FROM "Collection" WHERE "name" = ?), i."id"
  FROM json_each(?) AS j CROSS JOIN "Item" AS i ON i."sha256" = j.value ->> 'sha256' WHERE true
  ON CONFLICT DO NOTHING`;

/** Parameters: model, vectors (all of them, end to end), bytes a vector twice, rows {sha256,
 * vector: its position}. */
export const INSERT_IMAGE_EMBEDDINGS = `
  INSERT INTO "Embedding" ("modelId", "itemId", "vector")
  SELECT ?, i."id", substr(?, (j.value ->> 'vector') * ? + 1, ?)
  FROM json_each(?) AS j CROSS JOIN "Item" AS i ON i."sha256" = j.value ->> 'sha256' WHERE true
  ON CONFLICT DO NOTHING`;

/** Parameters as above; rows: {sha256, text, vector: the position of the text's vector} */
export const INSERT_TEXT_EMBEDDINGS = `
  INSERT INTO "Embedding" ("modelId", "captionId", "vector")
  SELECT ?, c."id", substr(?, (j.value ->> 'vector') * ? + 1, ?)
  FROM json_each(?) AS j
  CROSS JOIN "Item" AS i ON i."sha256" = j.value ->> 'sha256'
  CROSS JOIN "Caption" AS c ON c."itemId" = i."id" AND c."text" = j.value ->> 'text' WHERE true
  ON CONFLICT DO NOTHING`;

/** Parameters as above; rows: {id: the caption, vector: the position of its vector} */
export const INSERT_CAPTION_EMBEDDINGS = `
  INSERT INTO "Embedding" ("modelId", "captionId", "vector")
  SELECT ?, c."id", substr(?, (j.value ->> 'vector') * ? + 1, ?)
  FROM json_each(?) AS j CROSS JOIN "Caption" AS c ON c."id" = j.value ->> 'id' WHERE true
  ON CONFLICT DO NOTHING`;

/** Parameters as above; rows: {id: the item, vector: the position of its vector} */
export const INSERT_ITEM_EMBEDDINGS = `
  INSERT INTO "Embedding" ("modelId", "itemId", "vector")
  SELECT ?, i."id", substr(?, (j.value ->> 'vector') * ? + 1, ?)
  FROM json_each(?) AS j CROSS JOIN "Item" AS i ON i."id" = j.value ->> 'id' WHERE true
  ON CONFLICT DO NOTHING`;

// The statements of noticing what is gone. Each takes ids of files as a JSON array.

const AMONG = '"id" IN (SELECT value FROM json_each(?))';
export const COUNT_PRESENT = `SELECT count(*) FROM "File" WHERE "status" = 'present' AND ${AMONG}`;
/** Files that never were readable are not missed. */
export const DELETE_UNREADABLE = `DELETE FROM "File" WHERE "itemId" IS NULL AND ${AMONG}`;
export const MARK_MISSING = `
  UPDATE "File" SET "status" = 'missing', "reason" = NULL WHERE ${AMONG}`;

/** The next ingest reads these files again. */
export const DISTRUST_FILES = `UPDATE "File" SET "mtimeMs" = 0 WHERE ${AMONG}`;

// The statements of pruning.

/** Parameters: a path, the range of those inside it, limit */
export const MISSING_FILES = `
  SELECT "id", "itemId" FROM "File"
  WHERE "status" = 'missing' AND ("path" = ? OR ("path" >= ? AND "path" < ?)) LIMIT ?`;

const FILELESS = `
  SELECT j.value FROM json_each(?) AS j
  WHERE NOT EXISTS (SELECT 1 FROM "File" AS f WHERE f."itemId" = j.value)`;

/** Parameter: items as a JSON array. Those that have no file (any more). */
export const DELETE_FILELESS = `DELETE FROM "Item" WHERE "id" IN (${FILELESS})`;
export const COUNT_FILELESS_CAPTIONS = `SELECT count(*) FROM "Caption" WHERE "itemId" IN (${FILELESS})`;

/** Parameters: model, limit */
export const DELETE_EMBEDDINGS = `
  DELETE FROM "Embedding" WHERE "id" IN (SELECT "id" FROM "Embedding" WHERE "modelId" = ? LIMIT ?)`;

// The statements of checking.

export const INTEGRITY = 'SELECT "integrity_check" FROM pragma_integrity_check';

/** Gives {table, rowid, parent}. */
export const BROKEN_REFERENCES =
  'SELECT "table", "rowid", "parent" FROM pragma_foreign_key_check GROUP BY "table", "rowid"';

/** Deletes the rows of a table that have these ids. */
export function deleteRows(database: Connection, table: string, ids: number[]): void {
  database
    .prepare(`DELETE FROM "${table}" WHERE "rowid" IN (SELECT value FROM json_each(?))`)
    .run(JSON.stringify(ids));
}

/** Parameters: id, limit. Files after the id: {id, path, size, mtimeMs, status, sha256}. */
export const FILES_PAGE = `
  SELECT f."id", f."path", f."size", f."mtimeMs", f."status", i."sha256"
  FROM "File" AS f LEFT JOIN "Item" AS i ON i."id" = f."itemId"
  WHERE f."id" > ? ORDER BY f."id" LIMIT ?`;

// The statements of bulk reading.

/** Parameter: model. Of an item, by its alias i. */
const KNOWN = `
  i."id", i."sha256", i."width", i."height", i."format", i."bytes", i."takenAt", i."camera",
  i."latitude", i."longitude", i."perceptualHash",
  EXISTS (
    SELECT 1 FROM "Embedding" AS e WHERE e."itemId" = i."id" AND e."modelId" = @model) AS "embedded",
  (SELECT json_group_array(json_object('text', c."text", 'source', c."source"))
   FROM "Caption" AS c WHERE c."itemId" = i."id") AS "captions"`;

/** Parameters: sha256, model */
export const KNOWN_ITEM = `SELECT ${KNOWN} FROM "Item" AS i WHERE i."sha256" = @sha256`;

/** Parameters: paths as a JSON array, model */
export const KNOWN_FILES = `
  SELECT f."path", f."size", f."mtimeMs", f."status", ${KNOWN}
  FROM json_each(@paths) AS j CROSS JOIN "File" AS f ON f."path" = j.value
  LEFT JOIN "Item" AS i ON i."id" = f."itemId"`;

/** Parameter: model. Ids in order of items (captions) that have an embedding and are on the disk. */
export const SEARCHABLE = {
  image: `
    SELECT e."itemId" FROM "Embedding" AS e
    WHERE e."modelId" = ? AND e."itemId" IS NOT NULL
      AND EXISTS (SELECT 1 FROM "File" AS f WHERE f."itemId" = e."itemId" AND f."status" = 'present')
    ORDER BY e."itemId"`,
  text: `
    SELECT e."captionId" FROM "Embedding" AS e JOIN "Caption" AS c ON c."id" = e."captionId"
    WHERE e."modelId" = ? AND e."captionId" IS NOT NULL
      AND EXISTS (SELECT 1 FROM "File" AS f WHERE f."itemId" = c."itemId" AND f."status" = 'present')
    ORDER BY e."captionId"`,
};

/** Parameter: collection. Its items, or their captions, ascending. */
export const MEMBERS = {
  image: 'SELECT "itemId" FROM "CollectionItem" WHERE "collectionId" = ? ORDER BY "itemId"',
  text: `
    SELECT c."id" FROM "CollectionItem" AS m CROSS JOIN "Caption" AS c ON c."itemId" = m."itemId"
    WHERE m."collectionId" = ? ORDER BY c."id"`,
};

/** Parameters: ids as a JSON array, model. Gives [position in the array, vector]. */
export const VECTORS = {
  image: `
    SELECT j.key, e."vector" FROM json_each(?) AS j
    CROSS JOIN "Embedding" AS e ON e."itemId" = j.value AND e."modelId" = ?`,
  text: `
    SELECT j.key, e."vector" FROM json_each(?) AS j
    CROSS JOIN "Embedding" AS e ON e."captionId" = j.value AND e."modelId" = ?`,
};

/** Ids, in order, of items that are on the disk. */
export const PRESENT_ITEMS = `
  SELECT DISTINCT "itemId" FROM "File"
  WHERE "itemId" IS NOT NULL AND "status" = 'present' ORDER BY "itemId"`;

/** Parameters: id, model, limit. Items after the id that are on the disk but have no embedding. */
export const UNEMBEDDED_ITEMS = `
  SELECT i."id", i."sha256", (
    SELECT json_group_array(f."path") FROM "File" AS f
    WHERE f."itemId" = i."id" AND f."status" = 'present') AS "paths"
  FROM "Item" AS i
  WHERE i."id" > ?
    AND NOT EXISTS (SELECT 1 FROM "Embedding" AS e WHERE e."itemId" = i."id" AND e."modelId" = ?)
    AND EXISTS (SELECT 1 FROM "File" AS f WHERE f."itemId" = i."id" AND f."status" = 'present')
  ORDER BY i."id" LIMIT ?`;

/** Parameter: model. Gives {images, texts, missing}: what has no embedding by it. */
export const COUNT_WAITING = `
  WITH "Lacking" AS (
    SELECT i."id", EXISTS (
      SELECT 1 FROM "File" AS f WHERE f."itemId" = i."id" AND f."status" = 'present') AS "here"
    FROM "Item" AS i
    WHERE NOT EXISTS (
      SELECT 1 FROM "Embedding" AS e WHERE e."itemId" = i."id" AND e."modelId" = @model))
  SELECT
    (SELECT count(*) FROM "Lacking" WHERE "here") AS "images",
    (SELECT count(*) FROM "Lacking" WHERE NOT "here") AS "missing",
    (SELECT count(*) FROM "Caption" AS c
     WHERE NOT EXISTS (
         SELECT 1 FROM "Embedding" AS e WHERE e."captionId" = c."id" AND e."modelId" = @model)
       AND EXISTS (
         SELECT 1 FROM "File" AS f WHERE f."itemId" = c."itemId" AND f."status" = 'present')
    ) AS "texts"`;

/** Parameter: model. Gives {images, texts}: how many embeddings it has. Two counts, each by an index. */
export const COUNT_EMBEDDED = `
  SELECT
    (SELECT count(*) FROM "Embedding" WHERE "itemId" IS NOT NULL AND "modelId" = @model) AS "images",
    (SELECT count(*) FROM "Embedding" WHERE "captionId" IS NOT NULL AND "modelId" = @model) AS "texts"`;

/** Different captions of items on the disk, in the order in which they came. */
export const PRESENT_TEXTS = `
  SELECT c."text" FROM "Caption" AS c
  WHERE EXISTS (SELECT 1 FROM "File" AS f WHERE f."itemId" = c."itemId" AND f."status" = 'present')
  GROUP BY c."text" ORDER BY min(c."id")`;

/** Parameter: texts as a JSON array. Gives [text, its items as a JSON array]. */
export const CARRIERS = `
  SELECT c."text", json_group_array(c."itemId") FROM "Caption" AS c
  WHERE c."text" IN (SELECT value FROM json_each(?)) GROUP BY c."text"`;

/** Parameter: item ids as a JSON array. Gives {id, hash, width, height}, in order of id. */
export const PERCEPTUAL_HASHES = `
  SELECT "id", "perceptualHash" AS "hash", "width", "height" FROM "Item"
  WHERE "perceptualHash" IS NOT NULL AND "id" IN (SELECT value FROM json_each(?)) ORDER BY "id"`;

/** Parameter: item ids as a JSON array. Gives [id, bytes, paths] of those with several files on the disk. */
export const COPIES = `
  SELECT f."itemId", i."bytes", json_group_array(f."path") FROM "File" AS f
  JOIN "Item" AS i ON i."id" = f."itemId"
  WHERE f."status" = 'present' AND f."itemId" IN (SELECT value FROM json_each(?))
  GROUP BY f."itemId" HAVING count(*) > 1 ORDER BY f."itemId"`;

/** Parameter: ids as a JSON array. Items as results show them; captions as a JSON array. */
export const ITEMS = `
  SELECT i."id", i."sha256", i."width", i."height", i."format", i."bytes", i."takenAt",
    (SELECT f."path" FROM "File" AS f
     WHERE f."itemId" = i."id" AND f."status" = 'present' ORDER BY f."id" LIMIT 1) AS "path",
    (SELECT f."path" FROM "File" AS f WHERE f."itemId" = i."id"
     ORDER BY f."status" = 'present' DESC, f."id" LIMIT 1) AS "lastPath",
    (SELECT json_group_array(c."text") FROM (
       SELECT "text" FROM "Caption" WHERE "itemId" = i."id" ORDER BY "id") AS c) AS "captions"
  FROM json_each(?) AS j CROSS JOIN "Item" AS i ON i."id" = j.value`;

/** Parameter as above. */
export const CAPTIONS = `
  SELECT c."id", c."text", c."source", c."language", c."itemId"
  FROM json_each(?) AS j CROSS JOIN "Caption" AS c ON c."id" = j.value`;
