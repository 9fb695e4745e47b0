// The sample gallery asked everyday queries: which pictures come first, and whether a person would accept them.

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DualEncoder } from '#model';
import { buildGallery } from '../gallery';
import type { GalleryFigures } from './figures';
import queries from './gallery-queries.json' with { type: 'json' };

const AT_ONCE = 64;
const SHOWN = 5;

/** Embeds the gallery's pictures, and asks each language's queries of them. */
export async function askGallery(encoder: DualEncoder): Promise<Record<string, GalleryFigures>> {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), 'bifocal-gallery-')), 'gallery');
  try {
    await buildGallery(folder);
    const names = (await readdir(folder)).filter((name) => name.endsWith('.webp')).sort();
    const vectors: Float32Array[] = [];
    for (let first = 0; first < names.length; first += AT_ONCE) {
      const files = names.slice(first, first + AT_ONCE).map((name) => path.join(folder, name));
      vectors.push(...(await encoder.encodeImages(files)));
    }
    const pictures = names.map((name, at) => ({
      name: path.parse(name).name,
      vector: vectors[at]!,
    }));
    const figures: Record<string, GalleryFigures> = {};
    for (const [language, of] of Object.entries(queries)) {
      figures[language] = await ask(encoder, of, pictures);
    }
    return figures;
  } finally {
    await rm(path.dirname(folder), { recursive: true, force: true });
  }
}

async function ask(
  encoder: DualEncoder,
  accepted: Record<string, string[]>,
  pictures: { name: string; vector: Float32Array }[],
): Promise<GalleryFigures> {
  const texts = Object.keys(accepted);
  const vectors = await encoder.encodeTexts(texts);
  const figures: GalleryFigures = { queries: texts.length, first: 0, firstFive: 0, missed: {} };
  for (const [at, text] of texts.entries()) {
    const scored = pictures.map(({ name, vector }) => ({ name, score: dot(vector, vectors[at]!) }));
    const found = scored.sort((a, b) => b.score - a.score).slice(0, SHOWN);
    const right = found.map(({ name }) => accepted[text]!.includes(name));
    if (right[0]) figures.first++;
    if (right.includes(true)) figures.firstFive++;
    else figures.missed[text] = found.map(({ name }) => name);
  }
  return figures;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}
