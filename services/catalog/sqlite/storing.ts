// The statements that store a batch. Each takes its rows as one JSON array. What they are for stands
// in ../store.ts.

/** rows: {sha256, width, height, format, bytes, createdAt, takenAt, camera, latitude, longitude,
 * perceptualHash}. What an item of before the last four were known lacks is filled in. */
export const INSERT_ITEMS = `
  INSERT INTO "Item" ("sha256", "width", "height", "format", "bytes", "createdAt", "takenAt",
                      "camera", "latitude", "longitude", "perceptualHash")
  SELECT value ->> 'sha256', value ->> 'width', value ->> 'height', value ->> 'format',
         value ->> 'bytes', value ->> 'createdAt', value ->> 'takenAt', value ->> 'camera',
         value ->> 'latitude', value ->> 'longitude', value ->> 'perceptualHash'
  FROM json_each(?) WHERE true
  ON CONFLICT ("sha256") DO UPDATE SET
    "takenAt" = coalesce("takenAt", excluded."takenAt"),
    "camera" = coalesce("camera", excluded."camera"),
    "latitude" = coalesce("latitude", excluded."latitude"),
    "longitude" = coalesce("longitude", excluded."longitude"),
    "perceptualHash" = excluded."perceptualHash"
  WHERE "perceptualHash" IS NULL AND excluded."perceptualHash" IS NOT NULL`;

/** rows: {path, sha256}. Gives {before, after}: the items of paths whose content has changed. */
export const SELECT_REPLACED = `
  SELECT DISTINCT f."itemId" AS "before", i."id" AS "after"
  FROM json_each(?) AS j
  CROSS JOIN "File" AS f ON f."path" = j.value ->> 'path'
  CROSS JOIN "Item" AS i ON i."sha256" = j.value ->> 'sha256'
  WHERE f."itemId" <> i."id"`;

/** rows: {path, sha256, size, mtimeMs} */
export const UPSERT_FILES = `
  INSERT INTO "File" ("path", "itemId", "size", "mtimeMs", "status")
  SELECT j.value ->> 'path', i."id", j.value ->> 'size', j.value ->> 'mtimeMs', 'present'
  FROM json_each(?) AS j CROSS JOIN "Item" AS i ON i."sha256" = j.value ->> 'sha256' WHERE true
  ON CONFLICT ("path") DO UPDATE SET "itemId" = excluded."itemId", "size" = excluded."size",
    "mtimeMs" = excluded."mtimeMs", "status" = 'present', "reason" = NULL`;

/** Parameters: new item, old item. What the new item already has stays with the old one. */
export const MOVE_CAPTIONS = `UPDATE OR IGNORE "Caption" SET "itemId" = ? WHERE "itemId" = ?`;
export const MOVE_COLLECTIONS = `UPDATE OR IGNORE "CollectionItem" SET "itemId" = ? WHERE "itemId" = ?`;

/** rows: {sha256, source, texts: [{text, language}]}. Drops what a source said once and says no more. */
export const DELETE_STALE_CAPTIONS = `
  DELETE FROM "Caption" WHERE "id" IN (
    SELECT c."id"
    FROM json_each(?) AS j
    CROSS JOIN "Item" AS i ON i."sha256" = j.value ->> 'sha256'
    CROSS JOIN "Caption" AS c ON c."itemId" = i."id" AND c."source" = j.value ->> 'source'
    WHERE c."text" NOT IN (SELECT t.value ->> 'text' FROM json_each(j.value -> 'texts') AS t))`;

/** rows: as above */
export const INSERT_CAPTIONS = `
  INSERT INTO "Caption" ("itemId", "text", "source", "language")
  SELECT i."id", t.value ->> 'text', j.value ->> 'source', t.value ->> 'language'
  FROM json_each(?) AS j
  CROSS JOIN "Item" AS i ON i."sha256" = j.value ->> 'sha256'
  CROSS JOIN json_each(j.value -> 'texts') AS t WHERE true
  ON CONFLICT ("itemId", "text") DO NOTHING`;

export const FILES_OF = 'SELECT count(*) FROM "File" WHERE "itemId" = ?';
export const DELETE_ITEM = 'DELETE FROM "Item" WHERE "id" = ?';

/** Parameters: name, time */
export const INSERT_COLLECTION = `
  INSERT INTO "Collection" ("name", "createdAt") VALUES (?, ?) ON CONFLICT ("name") DO NOTHING`;

/** Parameters: the collection's name, rows {sha256} */
export const INSERT_MEMBERS = `
  INSERT INTO "CollectionItem" ("collectionId", "itemId")
  SELECT DISTINCT (SELECT "id" FROM "Collection" WHERE "name" = ?), i."id"
  FROM json_each(?) AS j CROSS JOIN "Item" AS i ON i."sha256" = j.value ->> 'sha256' WHERE true
  ON CONFLICT DO NOTHING`;

/** Parameters: the collection's name, ids of items */
export const ADD_MEMBERS = `
  INSERT INTO "CollectionItem" ("collectionId", "itemId")
  SELECT (SELECT "id" FROM "Collection" WHERE "name" = ?), i."id"
  FROM json_each(?) AS j CROSS JOIN "Item" AS i ON i."id" = j.value WHERE true
  ON CONFLICT DO NOTHING`;

/** Parameters: the collection, ids of items */
export const REMOVE_MEMBERS = `
  DELETE FROM "CollectionItem"
  WHERE "collectionId" = ? AND "itemId" IN (SELECT value FROM json_each(?))`;

/** Parameters: model, vectors (all of them, end to end), bytes a vector twice, rows {sha256,
 * vector: its position}. */
export const INSERT_IMAGE_EMBEDDINGS = `
  INSERT INTO "Embedding" ("modelId", "itemId", "vector")
  SELECT ?, i."id", substr(?, (j.value ->> 'vector') * ? + 1, ?)
  FROM json_each(?) AS j CROSS JOIN "Item" AS i ON i."sha256" = j.value ->> 'sha256' WHERE true
  ON CONFLICT DO NOTHING`;

/** Parameters as above; rows: {sha256, text, vector: the position of the text's vector} */
export const INSERT_TEXT_EMBEDDINGS = `
  INSERT INTO "Embedding" ("modelId", "captionId", "vector")
  SELECT ?, c."id", substr(?, (j.value ->> 'vector') * ? + 1, ?)
  FROM json_each(?) AS j
  CROSS JOIN "Item" AS i ON i."sha256" = j.value ->> 'sha256'
  CROSS JOIN "Caption" AS c ON c."itemId" = i."id" AND c."text" = j.value ->> 'text' WHERE true
  ON CONFLICT DO NOTHING`;

/** Parameters as above; rows: {id: the caption, vector: the position of its vector} */
export const INSERT_CAPTION_EMBEDDINGS = `
  INSERT INTO "Embedding" ("modelId", "captionId", "vector")
  SELECT ?, c."id", substr(?, (j.value ->> 'vector') * ? + 1, ?)
  FROM json_each(?) AS j CROSS JOIN "Caption" AS c ON c."id" = j.value ->> 'id' WHERE true
  ON CONFLICT DO NOTHING`;

/** Parameters as above; rows: {id: the item, vector: the position of its vector} */
export const INSERT_ITEM_EMBEDDINGS = `
  INSERT INTO "Embedding" ("modelId", "itemId", "vector")
  SELECT ?, i."id", substr(?, (j.value ->> 'vector') * ? + 1, ?)
  FROM json_each(?) AS j CROSS JOIN "Item" AS i ON i."id" = j.value ->> 'id' WHERE true
  ON CONFLICT DO NOTHING`;
