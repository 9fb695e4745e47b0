// Turns examined pictures into stored ones: encodes the pixels and the captions of a batch, and stores
// all of it in one transaction.

import type { Catalog, CatalogModel } from '#catalog';
import type { DualEncoder } from '#model';
import type { Picture } from './examine';

export interface Embedder {
  catalog: Catalog;
  /** The model's row in the catalog. */
  row: CatalogModel;
  model: Pick<DualEncoder, 'encodePixels' | 'encodeTexts'>;
  collection?: string | undefined;
}

/** How many waiting captions are encoded and stored together. */
const TEXTS = 256;

/**
 * Stores a batch. Captions of pictures that are embedded now are embedded with them; new captions of
 * pictures that were embedded before wait for `embedWaitingCaptions`, which knows what they lack.
 */
export async function embedAndStore(
  { catalog, row, model, collection }: Embedder,
  batch: Picture[],
): Promise<void> {
  const fresh = batch.filter(({ pixels }) => pixels !== undefined);
  // Asking for no embedding would still load the image tower.
  const vectors =
    fresh.length > 0 ? await model.encodePixels(fresh.map(({ pixels }) => pixels!)) : [];
  const texts = fresh.flatMap(({ captions }) => captions.flatMap((source) => source.texts));
  const textVectors = await encodeEach(model, texts);
  const vectorOf = new Map(fresh.map((picture, n) => [picture, vectors[n]]));
  const pictures = batch.map((picture) => {
    const { path, size, mtimeMs, content, captions } = picture;
    return { path, size, mtimeMs, content, captions, vector: vectorOf.get(picture) };
  });
  await catalog.store({ model: row, pictures, textVectors, collection });
}

/** Embeds the captions that lack an embedding by this model although their picture has one. */
export async function embedWaitingCaptions(
  { catalog, row, model }: Embedder,
  signal?: AbortSignal,
  onProgress?: (done: number) => void,
): Promise<void> {
  for (let after = 0, done = 0; ;) {
    signal?.throwIfAborted();
    const waiting = await catalog.unembeddedCaptions(row, after, TEXTS);
    const last = waiting.at(-1);
    if (last === undefined) return;
    const vectors = await encodeEach(model, waiting);
    await catalog.embedCaptions(
      row,
      new Map(waiting.map(({ id, text }) => [id, vectors.get(text)!])),
    );
    after = last.id;
    done += waiting.length;
    onProgress?.(done);
  }
}

/** The embedding of each different text. */
async function encodeEach(
  model: Embedder['model'],
  captions: readonly { text: string }[],
): Promise<Map<string, Float32Array>> {
  const texts = [...new Set(captions.map(({ text }) => text))];
  const vectors = texts.length > 0 ? await model.encodeTexts(texts) : [];
  return new Map(texts.map((text, n) => [text, vectors[n]!]));
}
