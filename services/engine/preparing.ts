// What `model use` says of its progress, for the status of engines in other processes: a small file.

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Preparing } from './types';

/** A process that has said nothing for so long has been killed. */
const staleMs = 60_000;

const schema = z.object({
  model: z.string(),
  done: z.number(),
  total: z.number(),
  at: z.number(),
});

const fileIn = (home: string) => path.join(home, 'preparing.json');

/** Says how far a model is; `undefined` that none is being prepared any more. */
export async function writePreparing(home: string, preparing?: Preparing): Promise<void> {
  const file = fileIn(home);
  if (preparing === undefined) return rm(file, { force: true });
  const beside = `${file}.${process.pid}`;
  await mkdir(home, { recursive: true });
  await writeFile(beside, JSON.stringify({ ...preparing, at: Date.now() }));
  await rename(beside, file);
}

/** The model that is being prepared, if one is. */
export async function readPreparing(home: string): Promise<Preparing | undefined> {
  try {
    const { at, ...preparing } = schema.parse(JSON.parse(await readFile(fileIn(home), 'utf8')));
    return Date.now() - at < staleMs ? preparing : undefined;
  } catch {
    // None, or one that a full disk has cut short: nobody depends on it.
    return undefined;
  }
}
