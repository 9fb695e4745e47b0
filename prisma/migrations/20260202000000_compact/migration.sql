-- Times as milliseconds since 1970: a fifth of the text's bytes
UPDATE "Item" SET "takenAt" = CAST(round((julianday("takenAt") - 2440587.5) * 86400000) AS INTEGER)
WHERE typeof("takenAt") = 'text';
UPDATE "Item" SET "createdAt" = CAST(round((julianday("createdAt") - 2440587.5) * 86400000) AS INTEGER)
WHERE typeof("createdAt") = 'text';
UPDATE "Collection" SET "createdAt" = CAST(round((julianday("createdAt") - 2440587.5) * 86400000) AS INTEGER)
WHERE typeof("createdAt") = 'text';
UPDATE "Model" SET "createdAt" = CAST(round((julianday("createdAt") - 2440587.5) * 86400000) AS INTEGER)
WHERE typeof("createdAt") = 'text';
UPDATE "Model" SET "usedAt" = CAST(round((julianday("usedAt") - 2440587.5) * 86400000) AS INTEGER)
WHERE typeof("usedAt") = 'text';

-- Reading the rows is as fast
DROP INDEX "Item_format_width_height_idx";

-- An embedding is of a picture or of a caption: each index without the rows of the other
DROP INDEX "Embedding_itemId_modelId_key";
CREATE UNIQUE INDEX "Embedding_itemId_modelId_key" ON "Embedding"("itemId", "modelId") WHERE "itemId" IS NOT NULL;
DROP INDEX "Embedding_captionId_modelId_key";
CREATE UNIQUE INDEX "Embedding_captionId_modelId_key" ON "Embedding"("captionId", "modelId") WHERE "captionId" IS NOT NULL;
