// Migrations and the record of them, as Prisma keeps it: its command line can go on from here.

import { randomUUID } from 'node:crypto';
import Database from 'better-sqlite3';
import { BUSY_MS, type Connection } from './database';

export interface Migration {
  name: string;
  /** Statements, and the SHA-256 of their text in hexadecimal digits. */
  script: string;
  checksum: string;
}

const CREATE_RECORD = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
  )`;

const RECORD = `
  INSERT INTO "_prisma_migrations"
    ("id", "checksum", "migration_name", "started_at", "finished_at", "applied_steps_count")
  VALUES (?, ?, ?, ?, ?, 1)`;

/** The names of the migrations that a database has. */
export function appliedMigrations(database: Connection): string[] {
  const record = database.prepare(`SELECT 1 FROM sqlite_master WHERE name = '_prisma_migrations'`);
  if (record.get() === undefined) return [];
  return database
    .prepare(
      `SELECT "migration_name" FROM "_prisma_migrations"
       WHERE "finished_at" IS NOT NULL AND "rolled_back_at" IS NULL`,
    )
    .pluck()
    .all() as string[];
}

/**
 * Applies migrations, one after the other: all of them, or none. A table that is made anew is dropped
 * in between, so what refers to it is checked in the end only.
 */
export function applyMigrations(file: string, migrations: Migration[]): void {
  const database = new Database(file, { fileMustExist: true, timeout: BUSY_MS });
  try {
    database.pragma('foreign_keys = OFF');
    const apply = database.transaction(() => {
      const applied = appliedMigrations(database);
      database.exec(CREATE_RECORD);
      for (const { name, script, checksum } of migrations) {
        if (applied.includes(name)) continue;
        const started = Date.now();
        database.exec(script);
        database.prepare(RECORD).run(randomUUID(), checksum, name, started, Date.now());
      }
      const [broken] = database.pragma('foreign_key_check') as { table: string }[];
      if (broken) throw new Error(`it leaves ${broken.table} without what it refers to`);
    });
    apply.immediate();
  } finally {
    database.close();
  }
}
