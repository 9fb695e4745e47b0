// Items and captions as a search result shows them. Through the driver: for a page of 60 hits Prisma keeps
// the thread busy for 5 ms.

import type { Modality } from './embeddings';
import { CAPTIONS, dated, ITEM_FACTS, ITEMS, type Connection } from './sqlite';

export interface ItemDetail {
  id: number;
  sha256: string;
  /** A file that holds it now; null when every file is missing or failed. */
  path: string | null;
  /** The same, or where it was last when it is nowhere now; null if that is not known either. */
  lastPath: string | null;
  /** In pixels, as shown. */
  width: number;
  height: number;
  format: string;
  bytes: number;
  takenAt: Date | null;
  captions: string[];
}

export interface CaptionDetail {
  id: number;
  text: string;
  source: string;
  language: string | null;
  item: ItemDetail;
}

/** An item (image) or caption (text) as it stands in time: all that putting them in order takes. */
export interface Dated {
  id: number;
  /** Milliseconds since 1970. */
  takenAt: number | null;
  /** Of a caption. */
  text: string | null;
}

/** What else is known of one item, for the page about it. */
export interface ItemFacts {
  /** Maker and model. */
  camera: string | null;
  /** Degrees, north and east positive. */
  latitude: number | null;
  longitude: number | null;
  createdAt: Date;
  /** By path; the reason is why a file failed. */
  files: { path: string; status: 'present' | 'missing' | 'failed'; reason: string | null }[];
  captions: { id: number; text: string; source: string; language: string | null }[];
  /** By name. */
  collections: string[];
}

/** Reads items by id; ids that are gone are absent from the result. */
export function itemsByIds(database: Connection, ids: readonly number[]): Map<number, ItemDetail> {
  const rows = database.prepare(ITEMS).all(JSON.stringify(ids)) as ItemRow[];
  return new Map(rows.map((row) => [row.id, itemDetail(row)]));
}

/** Reads captions by id, each with its item; ids that are gone are absent from the result. */
export function captionsByIds(
  database: Connection,
  ids: readonly number[],
): Map<number, CaptionDetail> {
  const rows = database.prepare(CAPTIONS).all(JSON.stringify(ids)) as CaptionRow[];
  const items = itemsByIds(database, [...new Set(rows.map(({ itemId }) => itemId))]);
  return new Map(
    rows.map(({ itemId, ...caption }) => [caption.id, { ...caption, item: items.get(itemId)! }]),
  );
}

/**
 * When the pictures of these items (image) or captions (text) were taken, in the order of `ids`; only of
 * those on the disk, or only of the missing. A text that several captions have comes once.
 */
export function datedByIds(
  database: Connection,
  ids: readonly number[],
  modality: Modality,
  missing: boolean,
): Dated[] {
  const rows = database.prepare(dated(modality, missing)).all(JSON.stringify(ids)) as Dated[];
  const texts = new Set<string>();
  return rows.filter(({ text }) => text === null || (!texts.has(text) && texts.add(text)));
}

/** All that is known of an item; null if there is none. */
export function itemFacts(database: Connection, id: number): ItemFacts | null {
  const row = database.prepare(ITEM_FACTS).get(id) as FactsRow | undefined;
  if (row === undefined) return null;
  const { createdAt, files, captions, collections, ...facts } = row;
  return {
    ...facts,
    createdAt: new Date(createdAt),
    files: JSON.parse(files) as ItemFacts['files'],
    captions: JSON.parse(captions) as ItemFacts['captions'],
    collections: JSON.parse(collections) as string[],
  };
}

interface FactsRow extends Pick<ItemFacts, 'camera' | 'latitude' | 'longitude'> {
  createdAt: number;
  files: string;
  captions: string;
  collections: string;
}

interface ItemRow extends Omit<ItemDetail, 'takenAt' | 'captions'> {
  /** Milliseconds since 1970. */
  takenAt: number | null;
  /** A JSON array. */
  captions: string;
}

interface CaptionRow extends Omit<CaptionDetail, 'item'> {
  itemId: number;
}

function itemDetail({ takenAt, captions, ...row }: ItemRow): ItemDetail {
  return {
    ...row,
    takenAt: takenAt === null ? null : new Date(takenAt),
    captions: JSON.parse(captions) as string[],
  };
}
