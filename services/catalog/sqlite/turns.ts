// How writers take turns: within a transaction, and over a whole piece of work.

import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Connection } from './database';

/** How long anybody waits for a turn before giving up, and how long between two tries. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 20;

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
      if (!isBusy(error) || Date.now() > deadline) throw explained(error);
    }
    await setTimeout(PAUSE_MS);
  }
}

/** Whether SQLite said so, to the driver itself or through Prisma. */
export function isBusy(error: unknown): boolean {
  const { cause } = error as DriverError;
  const code = codeOf(error);
  return code === undefined && cause !== undefined
    ? isBusy(cause)
    : String(code).startsWith('SQLITE_BUSY');
}

/** What to do, for what SQLite, or the system, only says the name of. */
const ADVICE = {
  SQLITE_BUSY: 'another process has been writing to the catalog for a minute; let it end first',
  SQLITE_FULL: 'the disk is full; make room, then run the command again',
  ENOSPC: 'the disk is full; make room, then run the command again',
  SQLITE_IOERR: 'the catalog cannot be read or written; make room on its disk, or check the disk',
  SQLITE_READONLY: 'the catalog may not be written; see whom the data folder belongs to',
  SQLITE_CANTOPEN: 'the catalog may not be opened; see whom the data folder belongs to',
};

/** Such an error with what to do about it; any other as it is. */
export function explained(error: unknown): unknown {
  const code = String(codeOf(error));
  const advice = Object.entries(ADVICE).find(([name]) => code.startsWith(name))?.[1];
  if (advice === undefined) return error;
  return new Error(`${advice} (${(error as Error).message})`, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  const { code, meta } = error as DriverError;
  return meta?.driverAdapterError?.cause?.originalCode ?? code;
}

interface DriverError {
  code?: string;
  cause?: unknown;
  meta?: { driverAdapterError?: { cause?: { originalCode?: string } } };
}

/**
 * Touches nothing but makes its transaction a writer from the first statement on. A transaction that
 * reads first and writes later fails if somebody else wrote in between; one that begins as a writer
 * waits for its turn.
 */
export const TAKE_TURN = 'UPDATE "Identity" SET "id" = "id" WHERE false';
