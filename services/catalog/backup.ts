// A copy of the database while it is in use, and the way back. The database only: pictures lie where
// they lie, and indexes, thumbnails and models are made or fetched again.

import { existsSync } from 'node:fs';
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { migrate } from './migrate';
import { copyTo, newIdentity, ownExclusively, soundness } from './sqlite';

/** The first bytes of every SQLite database. */
const MAGIC = 'SQLite format 3\0';

/**
 * Copies the database in `database` to `file` as it is now, complete or not at all. Others may read and
 * write meanwhile.
 *
 * @throws if `file` is there and is no database.
 */
export async function backup(
  database: string,
  file: string,
  onProgress: (share: number) => void,
): Promise<void> {
  if (existsSync(file) && !(await isDatabase(file))) {
    throw new Error(`${file} is there and is no database; name another file for the backup`);
  }
  await mkdir(path.dirname(file), { recursive: true });
  await beside(file, async (copy) => {
    await copyTo(database, copy, onProgress);
    await flush(copy);
  });
}

/**
 * Puts a backup in the place of the database in `database`, brought up to date, and gives it a new
 * identity, so that no index of what was there is taken for its own.
 *
 * @returns where the former database is kept; null if there was none.
 * @throws if the backup is damaged, or if anybody uses the database.
 */
export async function restore(backup: string, database: string): Promise<string | null> {
  if (!existsSync(backup)) throw new Error(`${backup} does not exist`);
  if (!(await isDatabase(backup))) throw new Error(`${backup} is no backup: it is no database`);
  await mkdir(path.dirname(database), { recursive: true });
  let former: string | null = null;
  await beside(database, async (copy) => {
    await copyFile(backup, copy);
    const fault = soundness(copy);
    if (fault !== null) throw new Error(`${backup} is damaged: ${fault}`);
    await migrate(copy);
    newIdentity(copy);
    await rm(`${copy}.lock`, { force: true });
    await flush(copy);
    if (existsSync(database)) former = await setAside(database);
  });
  return former;
}

/** Moves a database that nobody uses out of the way, with what is left of a damaged one's log. */
async function setAside(database: string): Promise<string> {
  const time = new Date().toISOString().replaceAll(':', '-').slice(0, 19);
  const former = `${database}.before-${time}`;
  // A damaged file has no lock to take, and nobody who could use it.
  const release = soundness(database) === null ? ownExclusively(database) : () => {};
  try {
    await rename(database, former);
    for (const log of ['-wal', '-shm']) {
      if (existsSync(database + log)) await rename(database + log, former + log);
    }
  } finally {
    release();
  }
  return former;
}

/** Lets `write` make a file beside `file`, and then renames it: whoever looks sees all or nothing. */
async function beside(file: string, write: (copy: string) => Promise<void>): Promise<void> {
  const copy = `${file}.${process.pid}.tmp`;
  try {
    await write(copy);
    await rename(copy, file);
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal', '.lock']) {
      await rm(copy + suffix, { force: true });
    }
  }
}

async function isDatabase(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
    return buffer.toString('latin1') === MAGIC;
  } finally {
    await handle.close();
  }
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
