-- The words of captions and of file names, for full-text search. No copy of the texts: a row is
-- 2 * the id of a caption, or 2 * the id of a file + 1.
CREATE VIRTUAL TABLE "Words" USING fts5("text", content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2');

-- What is indexed. Scripts that put no space between words (Chinese, Japanese, Thai, Lao, Burmese, Khmer) get one
-- around each character, so that a word is a phrase of characters.
CREATE VIEW "WordSource" AS
SELECT "kind", "id", CASE
    WHEN "text" NOT GLOB '*[ก-໿က-႟ក-៿々-〇ぁ-ヿㇰ-ㇿ㐀-䶿一-鿿豈-﫿ｦ-ﾟ𠀀-𲎯]*' THEN "text"
    ELSE (
        WITH RECURSIVE "Spaced"("rest", "done") AS (
            SELECT "text", ''
            UNION ALL
            SELECT substr("rest", 2), "done" || CASE
                WHEN "rest" GLOB '[ก-໿က-႟ក-៿々-〇ぁ-ヿㇰ-ㇿ㐀-䶿一-鿿豈-﫿ｦ-ﾟ𠀀-𲎯]*' THEN ' ' || substr("rest", 1, 1) || ' '
                ELSE substr("rest", 1, 1)
            END
            FROM "Spaced" WHERE "rest" <> ''
        )
        SELECT "done" FROM "Spaced" WHERE "rest" = ''
    )
END AS "text"
FROM (
    SELECT 0 AS "kind", "id", "text" FROM "Caption"
    UNION ALL
    -- What follows the last slash
    SELECT 1 AS "kind", "id", substr("path", length(rtrim("path", replace("path", '/', ''))) + 1) AS "text" FROM "File"
);

CREATE TRIGGER "Caption_words_insert" AFTER INSERT ON "Caption" BEGIN
    INSERT INTO "Words" ("rowid", "text") SELECT 2 * "id", "text" FROM "WordSource" WHERE "kind" = 0 AND "id" = NEW."id";
END;
CREATE TRIGGER "Caption_words_update" AFTER UPDATE OF "text" ON "Caption" BEGIN
    DELETE FROM "Words" WHERE "rowid" = 2 * OLD."id";
    INSERT INTO "Words" ("rowid", "text") SELECT 2 * "id", "text" FROM "WordSource" WHERE "kind" = 0 AND "id" = NEW."id";
END;
CREATE TRIGGER "Caption_words_delete" AFTER DELETE ON "Caption" BEGIN
    DELETE FROM "Words" WHERE "rowid" = 2 * OLD."id";
END;
CREATE TRIGGER "File_words_insert" AFTER INSERT ON "File" BEGIN
    INSERT INTO "Words" ("rowid", "text") SELECT 2 * "id" + 1, "text" FROM "WordSource" WHERE "kind" = 1 AND "id" = NEW."id";
END;
CREATE TRIGGER "File_words_update" AFTER UPDATE OF "path" ON "File" BEGIN
    DELETE FROM "Words" WHERE "rowid" = 2 * OLD."id" + 1;
    INSERT INTO "Words" ("rowid", "text") SELECT 2 * "id" + 1, "text" FROM "WordSource" WHERE "kind" = 1 AND "id" = NEW."id";
END;
CREATE TRIGGER "File_words_delete" AFTER DELETE ON "File" BEGIN
    DELETE FROM "Words" WHERE "rowid" = 2 * OLD."id" + 1;
END;

-- What is there already
INSERT INTO "Words" ("rowid", "text") SELECT 2 * "id" + "kind", "text" FROM "WordSource";
