-- The collection that a file was to be in which could not be used: so that trying it again brings it there.
ALTER TABLE "File" ADD COLUMN "collection" TEXT;
