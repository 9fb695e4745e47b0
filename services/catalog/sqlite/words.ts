// The statements of full-text search (FTS5). A row of "Words" is 2 * the id of a caption, or 2 * the id of
// a file + 1.

/** What the index of words should hold. */
const FRESH = `SELECT 2 * "id" + "kind", "text" FROM "WordSource"`;

/** Makes the index of words anew, of the captions and file names that there are. */
export const REMAKE_WORDS = `
  INSERT INTO "Words" ("Words") VALUES ('delete-all');
  INSERT INTO "Words" ("rowid", "text") ${FRESH};`;

/** Makes a second index of words, of this connection alone, and a view into each. */
export const COMPARE_WORDS = `
  CREATE VIRTUAL TABLE temp."FreshWords" USING fts5(
    "text", content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2');
  INSERT INTO temp."FreshWords" ("rowid", "text") ${FRESH};
  CREATE VIRTUAL TABLE temp."FreshPlaces" USING fts5vocab('temp', 'FreshWords', 'instance');
  CREATE VIRTUAL TABLE temp."KeptPlaces" USING fts5vocab('main', 'Words', 'instance');`;
export const FORGET_COMPARISON = `
  DROP TABLE temp."KeptPlaces"; DROP TABLE temp."FreshPlaces"; DROP TABLE temp."FreshWords";`;

/** Gives {label}: the captions and file names of which the two know other words. */
export const DIFFERENT_WORDS = `
  WITH "Different" AS (
    SELECT * FROM (SELECT * FROM temp."KeptPlaces" EXCEPT SELECT * FROM temp."FreshPlaces")
    UNION ALL
    SELECT * FROM (SELECT * FROM temp."FreshPlaces" EXCEPT SELECT * FROM temp."KeptPlaces"))
  SELECT coalesce(c."text", f."path", 'of what is gone') AS "label"
  FROM (SELECT DISTINCT "doc" FROM "Different") AS d
  LEFT JOIN "Caption" AS c ON d."doc" % 2 = 0 AND c."id" = d."doc" / 2
  LEFT JOIN "File" AS f ON d."doc" % 2 = 1 AND f."id" = d."doc" / 2
  ORDER BY d."doc"`;

/** Of as many matches, the newest, the best are chosen: of more, no word says which is good. */
const CANDIDATES = 1000;

/** The caption that a row of "Words" is of, or the file, if it is on the disk. */
const OWNERS = `
  LEFT JOIN "Caption" AS c ON w."rowid" % 2 = 0 AND c."id" = w."rowid" / 2
  LEFT JOIN "File" AS f ON w."rowid" % 2 = 1 AND f."id" = w."rowid" / 2 AND f."status" = 'present'`;
const ITEM = 'coalesce(c."itemId", f."itemId")';

/** Characters of a caption, or of a file's name. */
const LENGTH = `coalesce(
  length(c."text"), length(f."path") - length(rtrim(f."path", replace(f."path", '/', ''))))`;

/** Parameter: a query. The items of what it matches. */
export const MATCHING_ITEMS = `
  SELECT ${ITEM} FROM "Words" AS w ${OWNERS} WHERE w."Words" MATCH ? AND ${ITEM} IS NOT NULL`;

/**
 * Parameters: a query, and those of the conditions. Gives [row of "Words", item] of items on the disk,
 * the shortest text first: the words are most of it. That is the order that bm25 gives to texts which have
 * all of the words once, and bm25 would count every text that has one of them.
 *
 * @param conditions - on an item, i, each after an AND.
 */
export function matchingWords(conditions: string): string {
  const satisfies = `AND EXISTS (SELECT 1 FROM "Item" AS i WHERE i."id" = ${ITEM} ${conditions})`;
  return `
    SELECT "row", "item" FROM (
      SELECT w."rowid" AS "row", ${ITEM} AS "item", ${LENGTH} AS "length"
      FROM "Words" AS w ${OWNERS}
      WHERE w."Words" MATCH ?
        AND (f."itemId" IS NOT NULL OR EXISTS (
          SELECT 1 FROM "File" AS p WHERE p."itemId" = c."itemId" AND p."status" = 'present'))
        ${conditions === '' ? '' : satisfies}
      ORDER BY w."rowid" DESC LIMIT ${CANDIDATES})
    ORDER BY "length", "row" DESC`;
}
