// A catalog in a folder of its own, filled without a model: what the live index follows in its tests.

import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCatalog, type Catalog, type CatalogModel, type StoredPicture } from '#catalog';
import { Random } from '#random';

export const dimension = 8;

export interface Library {
  home: string;
  catalog: Catalog;
  model: CatalogModel;
  remove: () => Promise<void>;
}

export async function makeLibrary(): Promise<Library> {
  const home = await mkdtemp(path.join(tmpdir(), 'bifocal-engine-'));
  const catalog = await openCatalog(path.join(home, 'bifocal.db'));
  const model = await catalog.models.register({
    fingerprint: 'f'.repeat(64),
    name: 'none',
    folder: '/none',
    dimension,
  });
  const remove = async () => {
    await catalog.close();
    await rm(home, { recursive: true, force: true });
  };
  return { home, catalog, model, remove };
}

/** The embedding that picture `n` has in these tests. */
export function vectorOf(n: number): Float32Array {
  const random = new Random(n);
  const vector = Float32Array.from({ length: dimension }, () => random.normal());
  const norm = Math.hypot(...vector);
  return vector.map((x) => x / norm);
}

/** Stores pictures first … first + count − 1, whose item ids are counted from 1 in a fresh catalog. */
export async function storePictures(library: Library, first: number, count: number): Promise<void> {
  const pictures = Array.from({ length: count }, (_, i) => picture(first + i));
  await library.catalog.store({ model: library.model, pictures, textVectors: new Map() });
}

export function pathOf(n: number): string {
  return `/pictures/${n}.png`;
}

/** Each on a day of its own, in order. */
export function takenAt(n: number): Date {
  return new Date(Date.UTC(2000, 0, n));
}

function picture(n: number): StoredPicture {
  const sha256 = createHash('sha256').update(String(n)).digest('hex');
  return {
    path: pathOf(n),
    size: 1,
    mtimeMs: 1,
    content: { sha256, width: 1, height: 1, format: 'png', bytes: 1, takenAt: takenAt(n) },
    vector: vectorOf(n),
    captions: [],
  };
}
