// A run of ingest that finds every file as it was. The files are no pictures and their embeddings made up:
// nobody looks into either.

import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openCatalog, type Catalog, type CatalogModel, type StoredPicture } from '#catalog';
import { ingest } from '#ingest';
import type { DualEncoder } from '#model';
import { inTemporaryFolder } from './temporary-folder';

/** Files in one folder, and in one batch of the catalog. */
const FOLDER = 1000;

/** How long ingest takes over so many files that are in the catalog already. */
export async function unchangedFiles(encoder: DualEncoder, files: number) {
  return inTemporaryFolder(async (home) => {
    const catalog = await openCatalog(path.join(home, 'bifocal.db'));
    const model = await catalog.models.register(encoder);
    const root = path.join(home, 'pictures');
    for (let first = 0; first < files; first += FOLDER) {
      const numbers = Array.from({ length: Math.min(FOLDER, files - first) }, (_, n) => first + n);
      await storeFolder(catalog, model, path.join(root, String(first)), numbers);
    }
    const { unchanged, seconds } = await ingest([root], { catalog, model: encoder });
    await catalog.close();
    if (unchanged !== files) throw new Error(`of ${files} files ${unchanged} were unchanged`);
    return { files, seconds };
  });
}

async function storeFolder(
  catalog: Catalog,
  model: CatalogModel,
  folder: string,
  numbers: number[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const pictures = await Promise.all(
    numbers.map(async (number): Promise<StoredPicture> => {
      const file = path.join(folder, `${number}.jpg`);
      await writeFile(file, String(number));
      const { size, mtimeMs } = await stat(file);
      const sha256 = number.toString(16).padStart(64, '0');
      const perceptualHash = sha256.slice(-16);
      const vector = new Float32Array(model.dimension);
      vector[number % model.dimension] = 1;
      const content = { sha256, width: 4, height: 3, format: 'jpeg', bytes: size, perceptualHash };
      return { path: file, size, mtimeMs, content, vector, captions: [] };
    }),
  );
  await catalog.store({ model, pictures, textVectors: new Map() });
}
