// Items in order of time, a page after the other: each page begins where the last one ended, whatever
// came or went between.

import { filterConditions, type ItemFilter } from './filter';
import { IS_PRESENT, itemsInOrder, type Connection } from './sqlite';

export interface BrowseQuery {
  /** Of the items on the disk, if it does not ask for those that are missing. */
  filter?: ItemFilter | undefined;
  /** By when they were taken, the undated last; or by when they were added, the newest first. */
  order: 'newest' | 'oldest' | 'added';
  /** `next` of the page before, in the same order. */
  after?: string | undefined;
  limit: number;
}

export interface Browsed {
  ids: number[];
  /** Where the next page begins; null after the last. */
  next: string | null;
}

export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor';
}

interface Row {
  id: number;
  takenAt: number | null;
}

const ORDERS = {
  newest: 'i."takenAt" DESC NULLS LAST, i."id" DESC',
  oldest: 'i."takenAt" ASC NULLS LAST, i."id" ASC',
  added: 'i."id" DESC',
};

/** What comes after the place @takenAt, @id. */
const AFTER = {
  newest: `(i."takenAt" < @takenAt OR i."takenAt" IS NULL OR (i."takenAt" = @takenAt AND i."id" < @id))`,
  oldest: `(i."takenAt" > @takenAt OR i."takenAt" IS NULL OR (i."takenAt" = @takenAt AND i."id" > @id))`,
  added: 'i."id" < @id',
};

/** The same after an undated one. */
const AFTER_UNDATED = {
  newest: 'i."takenAt" IS NULL AND i."id" < @id',
  oldest: 'i."takenAt" IS NULL AND i."id" > @id',
  added: 'i."id" < @id',
};

/** A page of items. Throws InvalidCursor if `after` is no place in the order. */
export function browse(
  database: Connection,
  { filter = {}, order, after, limit }: BrowseQuery,
  collectionId: number | undefined,
): Browsed {
  const place = after === undefined ? undefined : parse(after);
  const { sql, parameters } = filterConditions(filter, collectionId);
  const present = filter.missing === undefined ? IS_PRESENT : '';
  const following = place?.takenAt === null ? AFTER_UNDATED[order] : AFTER[order];
  const conditions = sql + present + (place === undefined ? '' : ` AND ${following}`);
  const rows = database
    .prepare(itemsInOrder(conditions, ORDERS[order]))
    .all(...parameters, limit + 1, ...(place === undefined ? [] : [place])) as Row[];
  const page = rows.slice(0, limit);
  const more = rows.length > limit && page.length > 0;
  return { ids: page.map(({ id }) => id), next: more ? write(page.at(-1)!) : null };
}

function write({ id, takenAt }: Row): string {
  return `${takenAt ?? 'undated'}_${id}`;
}

function parse(cursor: string): Row {
  const match = /^(undated|-?\d{1,15})_(\d{1,15})$/.exec(cursor);
  if (match === null) {
    throw new InvalidCursor(`${cursor} is no place in this list; begin again without it`);
  }
  const [, takenAt, id] = match;
  return { id: Number(id), takenAt: takenAt === 'undated' ? null : Number(takenAt) };
}
