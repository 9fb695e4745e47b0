// The statements about models and their embeddings: of which model, and what has none yet.

/** Parameter: fingerprint */
export const MODEL = `
  SELECT "id", "fingerprint", "name", "folder", "dimension", "usedAt" FROM "Model"
  WHERE "fingerprint" = ?`;

/** Parameter: model. Ids in order of items (captions) that have an embedding and are on the disk. */
export const SEARCHABLE = {
  image: `
    SELECT e."itemId" FROM "Embedding" AS e
    WHERE e."modelId" = ? AND e."itemId" IS NOT NULL
      AND EXISTS (SELECT 1 FROM "File" AS f WHERE f."itemId" = e."itemId" AND f."status" = 'present')
    ORDER BY e."itemId"`,
  text: `
    SELECT e."captionId" FROM "Embedding" AS e JOIN "Caption" AS c ON c."id" = e."captionId"
    WHERE e."modelId" = ? AND e."captionId" IS NOT NULL
      AND EXISTS (SELECT 1 FROM "File" AS f WHERE f."itemId" = c."itemId" AND f."status" = 'present')
    ORDER BY e."captionId"`,
};

/**
 * Parameters: ids as a JSON array, model. Gives one row: how many have a vector, their positions in the
 * array, with commas, and the vectors end to end. Rows would take twice as long, and leave a buffer each.
 */
export const VECTORS = {
  image: vectors('e."itemId"'),
  text: vectors('e."captionId"'),
};

function vectors(id: string): string {
  return `
    SELECT count(*), CAST(group_concat("key") AS BLOB), CAST(group_concat("vector", '') AS BLOB)
    FROM (
      SELECT j."key", e."vector" FROM json_each(?) AS j
      CROSS JOIN "Embedding" AS e ON ${id} = j."value" AND e."modelId" = ?)`;
}

/** Parameters: id, model, limit. Items after the id that are on the disk but have no embedding. */
export const UNEMBEDDED_ITEMS = `
  SELECT i."id", i."sha256", (
    SELECT json_group_array(f."path") FROM "File" AS f
    WHERE f."itemId" = i."id" AND f."status" = 'present') AS "paths"
  FROM "Item" AS i
  WHERE i."id" > ?
    AND NOT EXISTS (SELECT 1 FROM "Embedding" AS e WHERE e."itemId" = i."id" AND e."modelId" = ?)
    AND EXISTS (SELECT 1 FROM "File" AS f WHERE f."itemId" = i."id" AND f."status" = 'present')
  ORDER BY i."id" LIMIT ?`;

/** Parameter: model. Gives {images, texts, missing}: what has no embedding by it. */
export const COUNT_WAITING = `
  WITH "Lacking" AS (
    SELECT i."id", EXISTS (
      SELECT 1 FROM "File" AS f WHERE f."itemId" = i."id" AND f."status" = 'present') AS "here"
    FROM "Item" AS i
    WHERE NOT EXISTS (
      SELECT 1 FROM "Embedding" AS e WHERE e."itemId" = i."id" AND e."modelId" = @model))
  SELECT
    (SELECT count(*) FROM "Lacking" WHERE "here") AS "images",
    (SELECT count(*) FROM "Lacking" WHERE NOT "here") AS "missing",
    (SELECT count(*) FROM "Caption" AS c
     WHERE NOT EXISTS (
         SELECT 1 FROM "Embedding" AS e WHERE e."captionId" = c."id" AND e."modelId" = @model)
       AND EXISTS (
         SELECT 1 FROM "File" AS f WHERE f."itemId" = c."itemId" AND f."status" = 'present')
    ) AS "texts"`;

/** Parameter: model. Gives {images, texts}: how many embeddings it has. Two counts, each by an index. */
export const COUNT_EMBEDDED = `
  SELECT
    (SELECT count(*) FROM "Embedding" WHERE "itemId" IS NOT NULL AND "modelId" = @model) AS "images",
    (SELECT count(*) FROM "Embedding" WHERE "captionId" IS NOT NULL AND "modelId" = @model) AS "texts"`;
