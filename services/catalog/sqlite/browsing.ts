// The statements of counting and listing items under conditions on an item, i, each after an AND.

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
