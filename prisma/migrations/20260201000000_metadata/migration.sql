-- What a picture says of itself
ALTER TABLE "Item" ADD COLUMN "camera" TEXT;
ALTER TABLE "Item" ADD COLUMN "latitude" REAL;
ALTER TABLE "Item" ADD COLUMN "longitude" REAL;
ALTER TABLE "Item" ADD COLUMN "perceptualHash" TEXT;

-- The model that serves is the one used last
ALTER TABLE "Model" ADD COLUMN "usedAt" DATETIME;

-- CreateIndex
CREATE INDEX "Item_takenAt_idx" ON "Item"("takenAt");

-- CreateIndex
CREATE INDEX "Item_format_width_height_idx" ON "Item"("format", "width", "height");
