// Where the indexes of a model are kept. A cache: what is missing there is built from the catalog.

import { stat, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Modality } from '#catalog';

/** Of one model. */
export function indexFolder(home: string, fingerprint: string): string {
  return path.join(home, 'index', fingerprint);
}

export function indexFile(home: string, fingerprint: string, modality: Modality): string {
  return path.join(indexFolder(home, fingerprint), `${modality}.hnsw`);
}

/** Whether the pictures' index of a model was built once; it may lag behind the catalog. */
export async function hasIndex(home: string, fingerprint: string): Promise<boolean> {
  const found = await stat(indexFile(home, fingerprint, 'image')).catch(() => null);
  return found !== null;
}

export async function removeIndexes(home: string, fingerprint: string): Promise<void> {
  await rm(indexFolder(home, fingerprint), { recursive: true, force: true });
}
