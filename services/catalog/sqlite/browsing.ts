// The statements of counting and listing items under conditions on an item, i, each after an AND; and of
// all that is known of one.

/** Gives {format, orientation, captioned, month, count}: month is null where the time is not known. */
export function cellCounts(conditions: string): string {
  return `
    SELECT i."format" AS "format",
      CASE WHEN i."width" > i."height" THEN 'landscape'
        WHEN i."width" < i."height" THEN 'portrait' ELSE 'square' END AS "orientation",
      EXISTS (SELECT 1 FROM "Caption" AS c WHERE c."itemId" = i."id") AS "captioned",
      strftime('%Y-%m', i."takenAt" / 1000, 'unixepoch') AS "month",
      count(*) AS "count"
    FROM "Item" AS i WHERE true${conditions} GROUP BY 1, 2, 3, 4`;
}

/** Gives {value: a collection's name, count}, of collections that have such items, the largest first. */
export function memberCounts(conditions: string): string {
  return `
    SELECT s."name" AS "value", count(*) AS "count"
    FROM "Collection" AS s
    JOIN "CollectionItem" AS m ON m."collectionId" = s."id"
    JOIN "Item" AS i ON i."id" = m."itemId"
    WHERE true${conditions} GROUP BY s."id" ORDER BY 2 DESC, 1`;
}

/** Whether an item, i, has a file on the disk. */
export const IS_PRESENT = `
  AND EXISTS (SELECT 1 FROM "File" AS f WHERE f."itemId" = i."id" AND f."status" = 'present')`;

/** Last parameter: limit. Gives {id, takenAt}. */
export function itemsInOrder(conditions: string, order: string): string {
  return `
    SELECT i."id", i."takenAt" FROM "Item" AS i WHERE true${conditions} ORDER BY ${order} LIMIT ?`;
}

/** Parameter: collection. Its items that are on the disk, as "id". */
export const PRESENT_MEMBERS = `
  SELECT i."itemId" AS "id" FROM "CollectionItem" AS i
  WHERE i."collectionId" = ? AND EXISTS (
    SELECT 1 FROM "File" AS f WHERE f."itemId" = i."itemId" AND f."status" = 'present')`;

/** Parameter: item. What ITEMS leaves out; files, captions and collections as JSON arrays. */
export const ITEM_FACTS = `
  SELECT i."camera", i."latitude", i."longitude", i."createdAt",
    (SELECT json_group_array(json_object('path', f."path", 'status', f."status", 'reason', f."reason"))
     FROM (SELECT * FROM "File" WHERE "itemId" = i."id" ORDER BY "path") AS f) AS "files",
    (SELECT json_group_array(json_object(
       'id', c."id", 'text', c."text", 'source', c."source", 'language', c."language"))
     FROM (SELECT * FROM "Caption" WHERE "itemId" = i."id" ORDER BY "id") AS c) AS "captions",
    (SELECT json_group_array(s."name") FROM (
       SELECT "name" FROM "CollectionItem" AS m JOIN "Collection" AS s ON s."id" = m."collectionId"
       WHERE m."itemId" = i."id" ORDER BY "name") AS s) AS "collections"
  FROM "Item" AS i WHERE i."id" = ?`;

/** Parameters: limit, offset. Gives {path, reason, collection}. */
export const FAILURES = `
  SELECT "path", coalesce("reason", 'unknown') AS "reason", "collection" FROM "File"
  WHERE "status" = 'failed' ORDER BY "path" LIMIT ? OFFSET ?`;
