// What `index tune` found out about one index, kept beside its file: a damaged index file does not
// take the choice with it.

import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const schema = z.object({
  /** What reaches the target for the least time; exact where HNSW does not, or not for less. */
  method: z.enum(['hnsw', 'exact']),
  M: z.int().positive(),
  efConstruction: z.int().positive(),
  ef: z.int().positive(),
  /** Of the ten nearest, the share that it found. */
  recall: z.number(),
  target: z.number(),
  /** Vectors in the index when it was measured. */
  size: z.int().nonnegative(),
});

const stored = z.object({ version: z.literal(1), tuning: schema });

export type Tuning = z.infer<typeof schema>;

/** The choice for the index in `indexFile`; undefined if none was made, or it cannot be read. */
export async function readTuning(indexFile: string): Promise<Tuning | undefined> {
  try {
    return stored.parse(JSON.parse(await readFile(besides(indexFile), 'utf8'))).tuning;
  } catch {
    return undefined; // what cannot be read is as good as not there: it can be measured again
  }
}

/** Keeps the choice, complete or not at all. */
export async function writeTuning(indexFile: string, tuning: Tuning): Promise<void> {
  const file = besides(indexFile);
  const unfinished = `${file}.${randomUUID()}.tmp`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(unfinished, `${JSON.stringify({ version: 1, tuning })}\n`);
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
}

function besides(indexFile: string): string {
  return `${indexFile}.tuning.json`;
}
