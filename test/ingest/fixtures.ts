// Folders with pictures in them, and a real but tiny model.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, onTestFinished } from 'vitest';
import { openCatalog, type Catalog } from '#catalog';
import { loadDualEncoder, type DualEncoder } from '#model';
import { createTinyModel } from '../engine/tiny-model';

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'bifocal-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function temporaryCatalog(): Promise<Catalog> {
  const catalog = await openCatalog(path.join(temporaryFolder(), 'bifocal.db'));
  onTestFinished(() => catalog.close());
  return catalog;
}

/** Two models of different weights, for all tests of the file that calls it at its top. */
export function tinyModels(): Promise<[DualEncoder, DualEncoder]> {
  const models = mkdtempSync(path.join(tmpdir(), 'bifocal-models-'));
  const load = async (seed: number) => {
    const folder = path.join(models, `tiny-${seed}`);
    await createTinyModel(folder, seed);
    return loadDualEncoder(folder);
  };
  const loaded = Promise.all([load(1), load(2)]);
  afterAll(async () => {
    for (const model of await loaded) await model.dispose();
    rmSync(models, { recursive: true });
  });
  return loaded;
}

/** A picture of 48 × 32 that no other seed has, in the format that its name says. */
export async function drawing(file: string, seed = 1): Promise<string> {
  mkdirSync(path.dirname(file), { recursive: true });
  const pixels = Uint8Array.from({ length: 48 * 32 * 3 }, (_, i) => (i * (seed + 3)) % 251);
  await sharp(pixels, { raw: { width: 48, height: 32, channels: 3 } }).toFile(file);
  return file;
}

/** Writes text files, by path. */
export function write(folder: string, files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
}

/** The items that a search may find, as [path, captions], by path. */
export async function visible(catalog: Catalog): Promise<[string, string[]][]> {
  const items = await catalog.page({ limit: 1000 });
  return items
    .map(({ path: file, captions }): [string, string[]] => [path.basename(file!), captions])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
