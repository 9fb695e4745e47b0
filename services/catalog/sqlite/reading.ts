// The statements of bulk reading: items, captions, and what holds them.

/** Parameter: model. Of an item, by its alias i. */
const KNOWN = `
  i."id", i."sha256", i."width", i."height", i."format", i."bytes", i."takenAt", i."camera",
  i."latitude", i."longitude", i."perceptualHash",
  EXISTS (
    SELECT 1 FROM "Embedding" AS e WHERE e."itemId" = i."id" AND e."modelId" = @model) AS "embedded",
  (SELECT json_group_array(json_object('text', c."text", 'source', c."source"))
   FROM "Caption" AS c WHERE c."itemId" = i."id") AS "captions"`;

/** Parameters: sha256, model */
export const KNOWN_ITEM = `SELECT ${KNOWN} FROM "Item" AS i WHERE i."sha256" = @sha256`;

/** Parameters: paths as a JSON array, model */
export const KNOWN_FILES = `
  SELECT f."path", f."size", f."mtimeMs", f."status", ${KNOWN}
  FROM json_each(@paths) AS j CROSS JOIN "File" AS f ON f."path" = j.value
  LEFT JOIN "Item" AS i ON i."id" = f."itemId"`;

/** Parameter: collection. Its items, or their captions, ascending. */
export const MEMBERS = {
  image: 'SELECT "itemId" FROM "CollectionItem" WHERE "collectionId" = ? ORDER BY "itemId"',
  text: `
    SELECT c."id" FROM "CollectionItem" AS m CROSS JOIN "Caption" AS c ON c."itemId" = m."itemId"
    WHERE m."collectionId" = ? ORDER BY c."id"`,
};

/** Ids, in order, of items that are on the disk. */
export const PRESENT_ITEMS = `
  SELECT DISTINCT "itemId" FROM "File"
  WHERE "itemId" IS NOT NULL AND "status" = 'present' ORDER BY "itemId"`;

/** Different captions of items on the disk, in the order in which they came. */
export const PRESENT_TEXTS = `
  SELECT c."text" FROM "Caption" AS c
  WHERE EXISTS (SELECT 1 FROM "File" AS f WHERE f."itemId" = c."itemId" AND f."status" = 'present')
  GROUP BY c."text" ORDER BY min(c."id")`;

/** Parameter: texts as a JSON array. Gives [text, its items as a JSON array]. */
export const CARRIERS = `
  SELECT c."text", json_group_array(c."itemId") FROM "Caption" AS c
  WHERE c."text" IN (SELECT value FROM json_each(?)) GROUP BY c."text"`;

/** Parameter: item ids as a JSON array. Gives {id, hash, width, height}, in order of id. */
export const PERCEPTUAL_HASHES = `
  SELECT "id", "perceptualHash" AS "hash", "width", "height" FROM "Item"
  WHERE "perceptualHash" IS NOT NULL AND "id" IN (SELECT value FROM json_each(?)) ORDER BY "id"`;

/** Parameter: item ids as a JSON array. Gives [id, bytes, paths] of those with several files on the disk. */
export const COPIES = `
  SELECT f."itemId", i."bytes", json_group_array(f."path") FROM "File" AS f
  JOIN "Item" AS i ON i."id" = f."itemId"
  WHERE f."status" = 'present' AND f."itemId" IN (SELECT value FROM json_each(?))
  GROUP BY f."itemId" HAVING count(*) > 1 ORDER BY f."itemId"`;

/** Parameter: ids as a JSON array. Items as results show them; captions as a JSON array. */
export const ITEMS = `
  SELECT i."id", i."sha256", i."width", i."height", i."format", i."bytes", i."takenAt",
    (SELECT f."path" FROM "File" AS f
     WHERE f."itemId" = i."id" AND f."status" = 'present' ORDER BY f."id" LIMIT 1) AS "path",
    (SELECT f."path" FROM "File" AS f WHERE f."itemId" = i."id"
     ORDER BY f."status" = 'present' DESC, f."id" LIMIT 1) AS "lastPath",
    (SELECT json_group_array(c."text") FROM (
       SELECT "text" FROM "Caption" WHERE "itemId" = i."id" ORDER BY "id") AS c) AS "captions"
  FROM json_each(?) AS j CROSS JOIN "Item" AS i ON i."id" = j.value`;

/** Parameter as above. */
export const CAPTIONS = `
  SELECT c."id", c."text", c."source", c."language", c."itemId"
  FROM json_each(?) AS j CROSS JOIN "Caption" AS c ON c."id" = j.value`;

/** Parameter as above. Gives {id, takenAt, text} in the order of the array. */
export function dated(modality: 'image' | 'text', missing: boolean): string {
  const from =
    modality === 'image'
      ? `"Item" AS i ON i."id" = j.value`
      : `"Caption" AS c ON c."id" = j.value CROSS JOIN "Item" AS i ON i."id" = c."itemId"`;
  return `
    SELECT j.value AS "id", i."takenAt", ${modality === 'image' ? 'NULL' : 'c."text"'} AS "text"
    FROM json_each(?) AS j CROSS JOIN ${from}
    WHERE ${missing ? 'NOT' : ''} EXISTS (
      SELECT 1 FROM "File" AS f WHERE f."itemId" = i."id" AND f."status" = 'present')
    ORDER BY j.key`;
}
