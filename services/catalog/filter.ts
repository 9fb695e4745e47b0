// What a search may be kept to, as plain data, and as one statement. Plain SQL: an id list a condition,
// which the database combines from the narrowest on.

import type { Modality } from './embeddings';

/** Every field that is given must hold. Plain data: it travels to the engine. */
export interface ItemFilter {
  /** The name of a collection. */
  collection?: string | undefined;
  /** Taken at or after (from) and before (to) these times, ISO 8601. Undated pictures are neither. */
  takenFrom?: string | undefined;
  takenTo?: string | undefined;
  /** As shown. */
  orientation?: 'landscape' | 'portrait' | 'square' | undefined;
  hasCaption?: boolean | undefined;
  /** Absolute: a folder, at any depth, or a file. Upper and lower case differ, as on the disk. */
  under?: string | undefined;
  /** jpeg, png, …; also jpg, tif, heic, as files are called. */
  format?: string | undefined;
  /** Whether none of its files is on the disk any more. */
  missing?: boolean | undefined;
}

/** What files are called, where that differs from what the format is called. */
const FORMATS: Record<string, string> = { jpg: 'jpeg', tif: 'tiff', heic: 'heif' };

const COMPARISONS = { landscape: '>', portrait: '<', square: '=' };

const SELECT: Record<Modality, string> = {
  image: 'SELECT i."id" FROM "Item" AS i',
  text: 'SELECT c."id" FROM "Item" AS i JOIN "Caption" AS c ON c."itemId" = i."id"',
};

// Items that a condition holds for.
const MEMBERS = 'SELECT "itemId" FROM "CollectionItem" WHERE "collectionId" = ?';
const CAPTIONED = 'SELECT "itemId" FROM "Caption"';
const IN_FOLDER = `
  SELECT "itemId" FROM "File"
  WHERE "itemId" IS NOT NULL AND ("path" = ? OR ("path" >= ? AND "path" < ?))`;
const PRESENT_IN_FOLDER = `${IN_FOLDER} AND "status" = 'present'`;
const MISSING = `
  SELECT "itemId" FROM "File" WHERE "itemId" IS NOT NULL GROUP BY "itemId"
  HAVING count(CASE WHEN "status" = 'present' THEN 1 END) = 0`;

/** A part of a statement, and what stands for its question marks. */
export interface Statement {
  sql: string;
  parameters: (string | number)[];
}

/**
 * The statement that gives the ids of what satisfies a filter, in no order: of items (image), or of
 * their captions (text).
 *
 * @param collectionId - the id of filter.collection.
 */
export function filterStatement(
  filter: ItemFilter,
  collectionId: number | undefined,
  modality: Modality,
): Statement {
  const { sql, parameters } = filterConditions(filter, collectionId);
  return { sql: `${SELECT[modality]} WHERE true${sql}`, parameters };
}

/** The same filter as conditions on an item of the alias i, each after an AND. */
export function filterConditions(filter: ItemFilter, collectionId: number | undefined): Statement {
  const { takenFrom, takenTo, orientation, hasCaption, under, missing } = filter;
  const format = filter.format?.toLowerCase();
  const conditions = [
    collectionId !== undefined && listed(true, MEMBERS, collectionId),
    takenFrom !== undefined && where('i."takenAt" >= ?', Date.parse(takenFrom)),
    takenTo !== undefined && where('i."takenAt" < ?', Date.parse(takenTo)),
    orientation !== undefined && where(`i."width" ${COMPARISONS[orientation]} i."height"`),
    hasCaption !== undefined && listed(hasCaption, CAPTIONED),
    under !== undefined &&
      listed(true, missing === true ? IN_FOLDER : PRESENT_IN_FOLDER, ...folderBounds(under)),
    format !== undefined && where('i."format" = ?', FORMATS[format] ?? format),
    missing !== undefined && listed(missing, MISSING),
  ].filter((condition) => condition !== false);
  return {
    sql: conditions.map(({ sql }) => ` AND ${sql}`).join(''),
    parameters: conditions.flatMap(({ parameters }) => parameters),
  };
}

function where(sql: string, ...parameters: Statement['parameters']): Statement {
  return { sql, parameters };
}

/** Whether an item is, or is not, among those that a statement lists. */
function listed(holds: boolean, items: string, ...parameters: Statement['parameters']): Statement {
  return where(`i."id" ${holds ? '' : 'NOT '}IN (${items})`, ...parameters);
}

/** A path, and the range of paths inside it, which the index on paths can answer. */
export function folderBounds(path: string): [root: string, from: string, before: string] {
  const root = path.replace(/\/+$/, '');
  // '0' is the character after '/'.
  return [root, `${root}/`, `${root}0`];
}

/**
 * A time as people write it, for a filter: a year, a month, a day, or ISO 8601; UTC where no zone is
 * given, as the times of pictures are. Null if it is none.
 */
export function filterTime(text: string): string | null {
  const match = /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/.exec(text);
  const zoned = match === null || match[3] === undefined || match[6] !== undefined;
  const time = match === null ? NaN : Date.parse(zoned ? text : `${text}Z`);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
