// A copy of the database while it is in use, and the way back. The database only: pictures lie where
// they lie, and indexes, thumbnails and models are made or fetched again.

import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { migrate } from './migrate';
import { copyTo, explained, newIdentity, ownExclusively, settle, soundness } from './sqlite';

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
  await beside(file, async (copy) => {
    await copyTo(database, copy, onProgress);
    await flush(copy);
    await rename(copy, file);
  });
}

/**
 * Puts a backup in the place of the database in `database`, brought up to date, and gives it a new
 * identity, so that no index of what was there is taken for its own. At every moment there is a whole
 * database in that place, the former one or the new one.
 *
 * @returns where the former database is kept; null if there was none.
 * @throws if the backup is damaged, or if anybody uses the database.
 */
export async function restore(backup: string, database: string): Promise<string | null> {
  if (!existsSync(backup)) throw new Error(`${backup} does not exist`);
  if (!(await isDatabase(backup))) throw new Error(`${backup} is no backup: it is no database`);
  return beside(database, async (copy) => {
    await copyFile(backup, copy);
    const fault = soundness(copy);
    if (fault !== null) throw new Error(`${backup} is damaged: ${fault}`);
    await migrate(copy);
    newIdentity(copy);
    settle(copy);
    await flush(copy);
    if (existsSync(database)) return replace(database, copy);
    await rename(copy, database);
    return null;
  });
}

/** Puts `copy` in the place of a database that nobody uses, and keeps that under another name. */
async function replace(database: string, copy: string): Promise<string> {
  const time = new Date().toISOString().replaceAll(':', '-').slice(0, -1);
  const former = `${database}.before-${time}`;
  // A damaged file has no lock to take, and nobody who could use it.
  const release = soundness(database) === null ? ownExclusively(database) : () => {};
  try {
    await secondName(database, former);
    // Of a damaged one; beside another database it would be taken for its log.
    for (const log of ['-wal', '-shm']) {
      if (existsSync(database + log)) await rename(database + log, former + log);
    }
    await rename(copy, database);
  } finally {
    release();
  }
  return former;
}

/** Gives a file another name besides its own; a copy, on disks where it can have only one. */
async function secondName(file: string, name: string): Promise<void> {
  try {
    await link(file, name);
  } catch {
    await copyFile(file, name);
    await flush(name);
  }
}

/** Lets `write` make a file beside `file`, which has to be renamed to stay. */
async function beside<T>(file: string, write: (copy: string) => Promise<T>): Promise<T> {
  await mkdir(path.dirname(file), { recursive: true });
  await removeLeftOver(file);
  const copy = `${file}.${process.pid}.tmp`;
  try {
    return await write(copy);
  } catch (cause) {
    const error = explained(cause);
    throw error === cause ? cause : new Error(`${file}: ${(error as Error).message}`, { cause });
  } finally {
    await removeCopy(copy);
  }
}

/** Removes what processes have left beside a file that were killed. */
async function removeLeftOver(file: string): Promise<void> {
  for (const name of await readdir(path.dirname(file))) {
    const pid = name.startsWith(`${path.basename(file)}.`) && /\.(\d+)\.tmp$/.exec(name)?.[1];
    if (pid && !isRunning(Number(pid))) await removeCopy(path.join(path.dirname(file), name));
  }
}

async function removeCopy(copy: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm', '-journal', '.lock']) {
    await rm(copy + suffix, { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
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
