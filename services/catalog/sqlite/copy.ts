// Whole databases: copied while they are in use, checked, and kept from everybody else.

import Database from 'better-sqlite3';
import { BUSY_MS, identity } from './database';
import { isBusy } from './turns';

/** Pages copied between two looks at what else there is to do: 16 MB. */
const PAGES_COPIED = 256;

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

/**
 * Brings the log of a database that nobody else has open into it: the one file is all of it then, and
 * may be renamed. Throws where the disk is too full for that; closing alone would not.
 */
export function settle(file: string): void {
  const database = new Database(file, { fileMustExist: true });
  try {
    const mode = database.pragma('journal_mode = DELETE', { simple: true });
    if (mode !== 'delete') throw new Error(`${file}: its log cannot be brought into it`);
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
