// Brings a database to the schema of prisma/migrations, without the network and without Prisma's own
// engine, which may leave a migration half done when it is killed. The record is Prisma's.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { config } from '#config';
import {
  appliedMigrations,
  applyMigrations,
  createDatabase,
  exclusively,
  explained,
  inTurn,
  openBulk,
  settle,
  type Migration,
} from './sqlite';

/**
 * Makes `file` a database with every migration applied: all that it lacks, or none. Quick when there
 * is nothing to do. Processes that come at the same time take turns. A new database is built beside
 * and renamed, so that nobody ever sees half of one.
 */
export async function migrate(file: string, folder = defaultFolder()): Promise<void> {
  const names = migrationNames(folder);
  if (await inTurn(() => lacking(file, names).length === 0)) return;
  await mkdir(path.dirname(file), { recursive: true });
  await exclusively(`${file}.lock`, async () => {
    if (existsSync(file)) return inTurn(() => apply(file, folder, names));
    const beside = `${file}.new`;
    for (const log of ['', '-wal', '-shm', '-journal']) await rm(beside + log, { force: true });
    await inTurn(() => createDatabase(beside));
    apply(beside, folder, names);
    await inTurn(() => settle(beside));
    await rename(beside, file);
  });
}

function defaultFolder(): string {
  return path.join(config().root, 'prisma', 'migrations');
}

function migrationNames(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** The migrations that a database lacks. Throws when a newer program was here. */
function lacking(file: string, names: string[]): string[] {
  if (!existsSync(file)) return names;
  try {
    const database = openBulk(file);
    try {
      const applied = appliedMigrations(database);
      const unknown = applied.find((name) => !names.includes(name));
      if (unknown !== undefined) {
        throw new Error(
          `it has the migration ${unknown}, which this version does not know; update Bifocal`,
        );
      }
      return names.filter((name) => !applied.includes(name));
    } finally {
      database.close();
    }
  } catch (cause) {
    const { message } = explained(cause) as Error;
    throw new Error(`${file} cannot be opened as a catalog: ${message}`, { cause });
  }
}

function apply(file: string, folder: string, names: string[]): void {
  const migrations = lacking(file, names).map((name) => read(folder, name));
  try {
    applyMigrations(file, migrations);
  } catch (cause) {
    const { message } = explained(cause) as Error;
    throw new Error(`${file}: a migration of ${folder} failed: ${message}`, { cause });
  }
}

function read(folder: string, name: string): Migration {
  const script = readFileSync(path.join(folder, name, 'migration.sql'), 'utf8');
  return { name, script, checksum: createHash('sha256').update(script).digest('hex') };
}
