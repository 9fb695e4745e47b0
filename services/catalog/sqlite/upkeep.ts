// The statements of noticing what is gone, of forgetting it, and of checking what is there.

import type { Connection } from './database';

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

/** Parameter: items as a JSON array. */
export const DELETE_FILES_OF = `
  DELETE FROM "File" WHERE "itemId" IN (SELECT value FROM json_each(?))`;

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
