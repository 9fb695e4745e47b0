// What the catalog and the engine hold, as the page and the API show it: status, pictures, addresses of their files.
import type { Counts, ItemDetail } from '#catalog';
import { labelOf, type LibraryStatus, type Picture } from '../_lib/results';
import { catalog, engine } from './services';

export async function libraryStatus(): Promise<LibraryStatus> {
  const [counts, status] = await Promise.all([countsNow(), engine().status()]);
  return {
    state: status.state,
    model: status.model?.name ?? null,
    items: counts.items,
    captions: counts.captions,
    indexed: status.indexed,
    method: status.method,
    recall: status.recall ?? null,
    building: status.building ?? {},
    preparing: status.preparing ?? null,
    error: status.error ?? null,
  };
}

let counted: { version: number; counts: Promise<Counts> } | undefined;

/** Counted again when somebody has written to the catalog: pages ask every second. */
async function countsNow(): Promise<Counts> {
  const from = await catalog();
  const version = from.version();
  if (counted?.version !== version) {
    const counts = from.counts();
    counted = { version, counts };
    counts.catch(() => (counted = undefined));
  }
  return counted.counts;
}

/** What a browser may show by itself. Anything else, SVG with its scripts above all, is a download. */
export const SHOWN_TYPES: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  gif: 'image/gif',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
};

/** Where an item's picture is served. The content's hash is in the address, so that it never changes. */
export function addresses({ id, sha256 }: { id: number; sha256: string }) {
  const at = (what: string) => `/api/v1/items/${id}/${what}?v=${sha256.slice(0, 12)}`;
  return { thumbnail: at('thumbnail'), original: at('original') };
}

export function asPicture(item: ItemDetail): Picture {
  const { id, width, height } = item;
  const takenAt = item.takenAt?.toISOString() ?? null;
  return { itemId: id, label: labelOf(item), width, height, takenAt, ...addresses(item) };
}
