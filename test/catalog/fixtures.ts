// A catalog in a folder of its own, and pictures to put into it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { openCatalog, type Catalog, type CatalogModel, type StoredPicture } from '#catalog';

export const DIMENSION = 4;

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'bifocal-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function temporaryCatalog(): Promise<{ catalog: Catalog; model: CatalogModel }> {
  const catalog = await openCatalog(path.join(temporaryFolder(), 'bifocal.db'));
  onTestFinished(() => catalog.close());
  return { catalog, model: await registerModel(catalog, 'a') };
}

export function registerModel(catalog: Catalog, fingerprint: string): Promise<CatalogModel> {
  return catalog.models.register({ fingerprint, name: 'tiny', folder: '/m', dimension: DIMENSION });
}

/** An L2-normalised vector that no other seed has. */
export function vector(seed: number): Float32Array {
  const raw = Float32Array.from({ length: DIMENSION }, (_, i) => Math.sin(seed * 7 + i * 3));
  const norm = Math.hypot(...raw);
  return raw.map((x) => x / norm);
}

/** A picture at `path` whose content is `sha256`; `texts` are what the file beside it says. */
export function picture(
  path: string,
  {
    sha256 = path,
    texts = [],
    seed = 1,
  }: { sha256?: string; texts?: string[]; seed?: number } = {},
): StoredPicture {
  return {
    path,
    size: 100,
    mtimeMs: 1.5,
    content: { sha256, width: 3, height: 2, format: 'png', bytes: 100 },
    vector: vector(seed),
    captions: [{ source: `${path}.txt`, texts: texts.map((text) => ({ text })) }],
  };
}

/** Stores pictures, their texts embedded by their position. */
export function storeAll(
  catalog: Catalog,
  model: CatalogModel,
  pictures: StoredPicture[],
  collection?: string,
): Promise<void> {
  const texts = pictures.flatMap((one) => one.captions.flatMap((source) => source.texts));
  const textVectors = new Map(texts.map(({ text }, n) => [text, vector(100 + n)]));
  return catalog.store({ model, pictures, textVectors, collection });
}
