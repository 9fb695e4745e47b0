// Locks on the folders that a run writes to, so that two runs never write to one.

import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { tryLock } from '#catalog';

async function take(folder: string): Promise<() => Promise<void>> {
  const file = `${path.resolve(folder)}.lock`;
  let unlock: (() => void) | undefined;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    unlock = tryLock(file);
  } catch (cause) {
    throw new Error(`${folder} cannot be written to: ${(cause as Error).message}`, { cause });
  }
  if (unlock === undefined) {
    throw new Error(`another process is training into ${folder}; wait for it or stop it`);
  }
  return async () => {
    await rm(file, { force: true });
    unlock();
  };
}

/**
 * Runs `work` while no other process works on these folders. Locks end with their process, also where
 * it is killed. Throws one line where another process has one, or where nothing can be written.
 */
export async function withLocks<T>(folders: readonly string[], work: () => Promise<T>): Promise<T> {
  const held: (() => Promise<void>)[] = [];
  try {
    for (const folder of folders) held.push(await take(folder));
    return await work();
  } finally {
    for (const release of held) await release();
  }
}
