// A library of many made-up pictures: their embeddings and metadata are in the catalog, their files
// are nowhere. For measuring and stressing what reads the catalog.

import type { Catalog, CatalogModel, StoredPicture } from '#catalog';
import type { VectorSet } from './vectors';

const pictureBatch = 2_000;
const firstDay = Date.UTC(2006, 0, 1);
const day = 86_400_000;

/**
 * Stores one picture a vector. By its number a picture is in /half, /tenth, /hundredth or /thousandth
 * of its tree, taken on its own day of 7,000, landscape, portrait or square, and every second has a
 * caption, whose embedding is a query of the set.
 */
export async function fillLibrary(
  catalog: Catalog,
  model: CatalogModel,
  { vectors, queries, dimension }: VectorSet,
  progress: (done: number) => void = () => undefined,
): Promise<void> {
  const row = (rows: Float32Array, at: number) => rows.slice(at * dimension, (at + 1) * dimension);
  const count = vectors.length / dimension;
  const captions = queries.length / dimension;
  for (let first = 0; first < count; first += pictureBatch) {
    const numbers = Array.from(
      { length: Math.min(pictureBatch, count - first) },
      (_, i) => first + i,
    );
    const textVectors = new Map<string, Float32Array>();
    const pictures = numbers.map((number) => {
      const picture = made(number, row(vectors, number));
      if (number % 2 === 0) {
        const text = `picture ${number % captions}`;
        textVectors.set(text, row(queries, number % captions));
        picture.captions = [{ source: 'made', texts: [{ text }] }];
      }
      return picture;
    });
    await catalog.store({ model, pictures, textVectors });
    progress(first + numbers.length);
  }
}

function made(number: number, vector: Float32Array): StoredPicture {
  const [width, height] = [
    [400, 300],
    [300, 400],
    [300, 300],
  ][number % 3] as [number, number];
  return {
    path: `/made/${folderOf(number)}/${number}.jpg`,
    size: 1,
    mtimeMs: 1,
    content: {
      sha256: number.toString(16).padStart(64, '0'),
      width,
      height,
      format: 'jpeg',
      bytes: 1,
      takenAt: new Date(firstDay + (number % 7_000) * day),
    },
    vector,
    captions: [],
  };
}

/** /half holds 50 % of the pictures, and so on; the folders have nothing in common. */
export function folderOf(number: number): string {
  if (number % 2 === 0) return 'half';
  if (number % 10 === 1) return 'tenth';
  if (number % 100 === 3) return 'hundredth';
  return number % 1000 === 5 ? 'thousandth' : 'rest';
}
