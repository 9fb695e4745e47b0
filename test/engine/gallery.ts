// A data folder with a tiny model and real pictures that it has embedded, as ingest leaves one.

import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { openCatalog, type Catalog, type CatalogModel, type StoredPicture } from '#catalog';
import { loadDualEncoder, type DualEncoder } from '#model';
import { Random } from '#random';
import { createTinyModel } from './tiny-model';

export interface Gallery {
  home: string;
  modelFolder: string;
  catalog: Catalog;
  encoder: DualEncoder;
  model: CatalogModel;
  remove: () => Promise<void>;
}

export async function makeGallery(): Promise<Gallery> {
  const home = await mkdtemp(path.join(tmpdir(), 'bifocal-gallery-'));
  const modelFolder = path.join(home, 'models', 'tiny');
  await createTinyModel(modelFolder);
  await mkdir(path.join(home, 'pictures'));
  const encoder = await loadDualEncoder(modelFolder);
  const catalog = await openCatalog(path.join(home, 'bifocal.db'));
  const model = await catalog.models.register(encoder);
  const remove = async () => {
    await catalog.close();
    await encoder.dispose();
    await rm(home, { recursive: true, force: true });
  };
  return { home, modelFolder, catalog, encoder, model, remove };
}

/**
 * Draws pictures first … first + count − 1, each noise of its own, embeds and stores them. In a fresh
 * catalog picture n becomes item n, if it starts with 1.
 */
export async function addPictures(
  gallery: Gallery,
  first: number,
  count: number,
  options: {
    captionsOf?: (n: number) => string[];
    takenAtOf?: (n: number) => Date | undefined;
    collection?: string;
  } = {},
): Promise<void> {
  const { catalog, encoder, model } = gallery;
  const captionsOf = options.captionsOf ?? ((n: number) => [`picture ${n}`]);
  const numbers = Array.from({ length: count }, (_, i) => first + i);
  const pictures: StoredPicture[] = [];
  for (const n of numbers) {
    pictures.push(await drawn(gallery, n, captionsOf(n), options.takenAtOf?.(n)));
  }
  const texts = [...new Set(numbers.flatMap(captionsOf))];
  const vectors = await encoder.encodeTexts(texts);
  const textVectors = new Map(texts.map((text, i) => [text, vectors[i]!]));
  await catalog.store({ model, pictures, textVectors, collection: options.collection });
}

export function pictureFile({ home }: Gallery, n: number): string {
  return path.join(home, 'pictures', `${n}.png`);
}

async function drawn(
  gallery: Gallery,
  n: number,
  captions: string[],
  takenAt: Date | undefined,
): Promise<StoredPicture> {
  const file = pictureFile(gallery, n);
  const random = new Random(n);
  const pixels = Uint8Array.from({ length: 4 * 4 * 3 }, () => random.below(256));
  const image = sharp(pixels, { raw: { width: 4, height: 4, channels: 3 } });
  await image.resize(48, 40, { kernel: 'nearest', fit: 'fill' }).png().toFile(file);
  const { size, mtimeMs } = await stat(file);
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  return {
    path: file,
    size,
    mtimeMs,
    content: { sha256, width: 48, height: 40, format: 'png', bytes: size, takenAt },
    vector: (await gallery.encoder.encodeImages([file]))[0],
    captions: [{ source: 'test', texts: captions.map((text) => ({ text })) }],
  };
}
