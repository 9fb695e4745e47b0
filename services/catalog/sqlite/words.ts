// The statements of full-text search (FTS5). A row of "Words" is 2 * the id of a caption, or 2 * the id of
// a file + 1.

/** Of as many matches, the newest, the best are chosen: of more, no word says which is good. */
const CANDIDATES = 1000;

const OWNERS = `
  LEFT JOIN "Caption" AS c ON w."rowid" % 2 = 0 AND c."id" = w."rowid" / 2
  LEFT JOIN "File" AS f ON w."rowid" % 2 = 1 AND f."id" = w."rowid" / 2 AND f."status" = 'present'
  JOIN "Item" AS i ON i."id" = coalesce(c."itemId", f."itemId")`;

/** Parameter: a query. The items of what it matches. */
export const MATCHING_ITEMS = `SELECT i."id" FROM "Words" AS w ${OWNERS} WHERE w."Words" MATCH ?`;

/**
 * Parameters: a query, and those of the conditions. Gives [row of "Words", item] of items on the disk,
 * the best first.
 *
 * @param conditions - on an item, i, each after an AND.
 */
export function matchingWords(conditions: string): string {
  return `
    SELECT "row", "item" FROM (
      SELECT w."rowid" AS "row", i."id" AS "item", bm25("Words") AS "rank"
      FROM "Words" AS w ${OWNERS}
      WHERE w."Words" MATCH ?
        AND EXISTS (SELECT 1 FROM "File" AS p WHERE p."itemId" = i."id" AND p."status" = 'present')
        ${conditions}
      ORDER BY w."rowid" DESC LIMIT ${CANDIDATES})
    ORDER BY "rank", "row" DESC`;
}
