// How a database is made and opened, and what it tells of itself.

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
export const BUSY_MS = 200;

/** What the log holds before it is brought into the database: 16 MB, as with pages of 16 KB. */
const LOG_PAGES = 256;

/** Makes an empty database. */
export function createDatabase(file: string): void {
  const database = new Database(file);
  database.pragma(`page_size = ${PAGE_BYTES}`);
  database.exec('VACUUM'); // Writes the first page: the size is kept from here on.
  database.close();
}

/** The plain connection that carries what comes in bulk: vectors out, batches in. */
export function openBulk(file: string): Connection {
  const database = new Database(file, { fileMustExist: true, timeout: BUSY_MS });
  // So that readers can read while somebody writes. A database that has just come into its place has no log.
  if (database.pragma('journal_mode', { simple: true }) !== 'wal') {
    database.pragma('journal_mode = WAL');
  }
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
