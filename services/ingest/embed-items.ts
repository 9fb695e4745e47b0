// Embeds what the catalog has and a model has not seen yet: pictures, then captions. For a model that
// comes beside another.

import type { Catalog, CatalogModel } from '#catalog';
import type { DualEncoder } from '#model';
import { embedWaitingCaptions } from './embed';
import { mapAhead } from './pipeline';
import type { Failure } from './reasons';
import { PictureThreads, Unusable } from './threads/picture-threads';

export interface EmbedItemsOptions {
  /** `done` of `total` pictures and captions, those that failed included. */
  onProgress?: ((progress: EmbedProgress) => void) | undefined;
  /** Ends the run between two batches, with the signal's reason as the error. */
  signal?: AbortSignal | undefined;
}

export interface EmbedProgress {
  done: number;
  total: number;
  failed: number;
  seconds: number;
}

export interface EmbedItemsReport {
  /** Pictures embedded in this run. */
  embedded: number;
  /** Pictures that changed on the disk since they were stored, or cannot be read any more. */
  failures: Failure[];
}

const BATCH = 32;

/** Items that the catalog is asked for together. */
const PAGE = 256;

/** See ingest.ts: a batch that is decoded, one that is ready, and one for what varies. */
const AHEAD = 3 * BATCH;

type WaitingItem = ReturnType<Catalog['unembeddedItems']>[number];

/** A picture of an item, or why there is none. */
type Read = { id: number; pixels: Float32Array } | Failure;

/**
 * Embeds every item on the disk, and every caption, that lacks an embedding by `model`. May be
 * interrupted at any moment, by kill -9 too, and run again: it goes on where it was.
 */
export async function embedItems(
  catalog: Catalog,
  model: DualEncoder,
  { onProgress, signal }: EmbedItemsOptions = {},
): Promise<EmbedItemsReport> {
  const row = await catalog.models.register(model);
  const { images, texts } = catalog.countWaiting(row);
  const start = performance.now();
  const report: EmbedItemsReport = { embedded: 0, failures: [] };
  const tell = (captions: number) => {
    const { embedded, failures } = report;
    const done = embedded + failures.length + captions;
    const seconds = (performance.now() - start) / 1000;
    onProgress?.({ done, total: images + texts, failed: failures.length, seconds });
  };
  const threads = new PictureThreads(model.preprocessing);
  try {
    const read = mapAhead(waiting(catalog, row), AHEAD, (item) => readItem(threads, item));
    for await (const batch of batches(read, report.failures)) {
      signal?.throwIfAborted();
      const vectors = await model.encodePixels(batch.map(({ pixels }) => pixels));
      await catalog.embedItems(row, new Map(batch.map(({ id }, n) => [id, vectors[n]!])));
      report.embedded += batch.length;
      tell(0);
    }
  } finally {
    await threads.close();
  }
  await embedWaitingCaptions({ catalog, row, model }, signal, tell);
  return report;
}

/** The items that wait, in pages: one is asked for when those before it are under way. */
async function* waiting(catalog: Catalog, row: CatalogModel): AsyncGenerator<WaitingItem> {
  for (let after = 0; ;) {
    const page = catalog.unembeddedItems(row, after, PAGE);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

/** Reads the first of an item's files that still holds what was stored. */
async function readItem(threads: PictureThreads, item: WaitingItem): Promise<Read> {
  let failure: Failure = { path: `item ${item.id}`, reason: 'has no file' };
  for (const path of item.paths) {
    try {
      const { content, pixels } = await threads.read(path);
      if (content.sha256 === item.sha256) return { id: item.id, pixels };
      failure = { path, reason: 'changed since it was stored; ingest its folder again' };
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      failure = { path, reason: error.message };
    }
  }
  return failure;
}

/** Gathers pictures into batches; the failures between them go to `failures`. */
async function* batches(read: AsyncIterable<Read>, failures: Failure[]) {
  let batch: { id: number; pixels: Float32Array }[] = [];
  for await (const one of read) {
    if ('reason' in one) failures.push(one);
    else batch.push(one);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
