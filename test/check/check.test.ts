// The check: every fault planted by hand is found, mended if it can be, and gone afterwards.

import {
  existsSync,
  mkdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished, expect, test } from 'vitest';
import { openCatalog, type Catalog, type CatalogModel } from '#catalog';
import { checkLibrary } from '#check';
import { indexFile } from '#engine';
import { createHnswIndex } from '#vectors';
import { DIMENSION, registerModel, storeAll, temporaryFolder, vector } from '../catalog/fixtures';

interface Library {
  home: string;
  catalog: Catalog;
  model: CatalogModel;
  paths: string[];
}

/** Pictures on the disk, in the catalog, and in a saved index. */
async function library(count = 6): Promise<Library> {
  const home = temporaryFolder();
  const catalog = await openCatalog(path.join(home, 'bifocal.db'));
  onTestFinished(() => catalog.close());
  const model = await registerModel(catalog, 'a');
  mkdirSync(path.join(home, 'pictures'));
  const paths = Array.from({ length: count }, (_, n) => path.join(home, 'pictures', `${n}.png`));
  const pictures = paths.map((file, n) => {
    const bytes = Buffer.from(`picture ${n}`);
    writeFileSync(file, bytes);
    const { size, mtimeMs } = statSync(file);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const content = { sha256, width: 3, height: 2, format: 'png', bytes: size };
    const captions = [{ source: `${file}.txt`, texts: [{ text: `number ${n}` }] }];
    return { path: file, size, mtimeMs, content, vector: vector(n), captions };
  });
  await storeAll(catalog, model, pictures);
  await saveIndex({ home, catalog, model, paths });
  return { home, catalog, model, paths };
}

async function saveIndex({ home, catalog, model }: Library, tag = catalog.id, shift = 0) {
  const ids = catalog.embeddings.searchableIds(model, 'image');
  const index = createHnswIndex({ dimension: DIMENSION });
  ids.forEach((id, n) => index.add([id], vector(n + shift)));
  await index.save(indexFile(home, model.fingerprint, 'image'), tag);
  await index.close();
}

function tamper({ catalog }: Library, ...statements: string[]) {
  const database = new Database(catalog.file);
  database.pragma('foreign_keys = OFF');
  database.pragma('ignore_check_constraints = ON');
  database.unsafeMode(true);
  for (const statement of statements) database.exec(statement);
  database.close();
}

const check = ({ home, catalog }: Library, { repair = false, deep = false } = {}) =>
  checkLibrary({ home, catalog, repair, deep, onProgress: () => {} });

/** The one fault that a library has: found, mended, and gone. */
async function mend(library: Library, deep = false) {
  const { faults: found } = await check(library, { deep });
  expect(found.map(({ mended }) => mended)).toEqual(found.map(() => null));
  const { faults: mended } = await check(library, { deep, repair: true });
  expect(mended.map(({ mended }) => mended)).not.toContain(null);
  expect((await check(library, { deep })).faults).toEqual([]);
  return found.map(({ where, fault, count }) => `${where}: ${count} ${fault}`);
}

test('a library that is as it should be has no faults, and nothing to say', async () => {
  const found = await check(await library(), { deep: true });
  expect(found).toEqual({ faults: [], notes: [] });
});

test.each([
  ['pictures that were in no file', [`DELETE FROM "File" WHERE "id" = 2`], 1],
  [
    'files that are present without a picture',
    [`UPDATE "File" SET "itemId" = NULL WHERE "id" = 2`],
    1,
  ],
  ['embeddings of the wrong length', [`UPDATE "Embedding" SET "vector" = x'00' WHERE "id" < 3`], 2],
  [
    'embeddings that are not of length one',
    [`UPDATE "Embedding" SET "vector" = zeroblob(16) WHERE "id" = 4`],
    1,
  ],
  [
    'embeddings that are not of length one',
    [`UPDATE "Embedding" SET "vector" = x'0000c07f000000000000000000000000' WHERE "id" = 4`],
    1,
  ],
  [
    'references to rows that are not there',
    [
      `DELETE FROM "Model"`,
      `INSERT INTO "Model" ("id", "fingerprint", "name", "folder", "dimension") VALUES (9, 'a', 'tiny', '/m', 4)`,
    ],
    12,
  ],
])('%s', async (fault, statements, count) => {
  const broken = await library();
  tamper(broken, ...statements);
  expect((await mend(broken))[0]).toBe(`catalog: ${count} ${fault}`);
});

test('captions and file names whose words are not found, or are those of others', async () => {
  const broken = await library();
  tamper(
    broken,
    `DELETE FROM "Words" WHERE "rowid" = 2`, // the first caption
    `DELETE FROM "Words" WHERE "rowid" = 5`, // the second file
    `INSERT INTO "Words" ("rowid", "text") VALUES (5, 'another.png')`,
    `INSERT INTO "Words" ("rowid", "text") VALUES (9998, 'nobody')`,
  );
  expect(broken.catalog.fullText('number 0', { limit: 9 })).toEqual([]);
  const [found] = (await check(broken)).faults;
  expect(found!.examples).toEqual(['number 0', broken.paths[1], 'of what is gone']);
  expect(await mend(broken)).toEqual([
    'catalog: 3 captions and file names with other words in the index of words',
  ]);
  expect(broken.catalog.fullText('number 0', { limit: 9 })).toHaveLength(1);
  expect(broken.catalog.fullText('another', { limit: 9 })).toEqual([]);
});

test('an index of the database that lacks rows is made anew', async () => {
  const broken = await library();
  const define = (sql: string) => [
    'PRAGMA writable_schema = ON',
    `UPDATE sqlite_master SET "sql" = '${sql}' WHERE "name" = 'Item_takenAt_idx'`,
  ];
  const whole = 'CREATE INDEX "Item_takenAt_idx" ON "Item"("takenAt")';
  tamper(broken, ...define(`${whole} WHERE "width" = 99`));
  tamper(broken, `UPDATE "Item" SET "takenAt" = 5 WHERE "id" > 3`);
  tamper(broken, ...define(whole));
  expect(await mend(broken)).toEqual([expect.stringContaining('damage to the database')]);
});

test('files that are gone are marked as missing, changed ones left to ingest', async () => {
  const broken = await library();
  rmSync(broken.paths[0]!);
  truncateSync(broken.paths[1]!, 2);
  expect((await check(broken)).notes.map(({ fault }) => fault)).toEqual([
    'files that have changed since they were read; run ingest',
  ]);
  expect(await mend(broken)).toEqual(['files: 1 files that are gone from the disk']);
  expect(broken.catalog.embeddings.searchableIds(broken.model, 'image')).toEqual([2, 3, 4, 5, 6]);
});

test('deep: a content that changed behind size and time is read again', async () => {
  const broken = await library();
  const { atime, mtime } = statSync(broken.paths[3]!);
  writeFileSync(broken.paths[3]!, 'picturE 3');
  utimesSync(broken.paths[3]!, atime, mtime);
  // utimes rounds to microseconds: the catalog is told the time that the file has now.
  tamper(
    broken,
    `UPDATE "File" SET "mtimeMs" = ${statSync(broken.paths[3]!).mtimeMs} WHERE "id" = 4`,
  );
  expect((await check(broken)).faults).toEqual([]);
  expect(await mend(broken, true)).toHaveLength(1);
  const known = await broken.catalog.files.known([broken.paths[3]!], broken.model.id);
  expect(known.get(broken.paths[3]!)?.mtimeMs).toBe(0);
});

test('indexes that are damaged, foreign, strangers or wrong are deleted', async () => {
  const broken = await library();
  const file = indexFile(broken.home, 'a', 'image');
  truncateSync(file, statSync(file).size - 40);
  expect(await mend(broken)).toEqual([expect.stringContaining('checksum')]);
  expect(existsSync(file)).toBe(false);

  await saveIndex(broken, 'another');
  expect(await mend(broken)).toEqual(['indexes: 1 an index of another catalog']);

  await saveIndex(broken, broken.catalog.id, 100);
  expect(await mend(broken)).toEqual([expect.stringMatching(/finds \d of 6 vectors/)]);

  mkdirSync(path.join(broken.home, 'index', 'unknown'), { recursive: true });
  expect(await mend(broken)).toEqual(['indexes: 1 indexes of models that are not in the catalog']);
});

test('an index that lags behind is no fault', async () => {
  const behind = await library();
  tamper(behind, `UPDATE "File" SET "status" = 'missing' WHERE "id" = 1`);
  const { faults, notes } = await check(behind);
  expect(faults).toEqual([]);
  expect(notes.map(({ fault }) => fault)).toEqual([
    'files that were missing and are back; run ingest',
    expect.stringContaining('0 lacking, 1 outdated'),
  ]);
});

test('what was built of wrong embeddings goes with them', async () => {
  const broken = await library();
  tamper(broken, `UPDATE "Embedding" SET "vector" = zeroblob(16) WHERE "id" = 1`);
  await mend(broken);
  expect(existsSync(indexFile(broken.home, 'a', 'image'))).toBe(false);
  expect(broken.catalog.embeddings.searchableIds(broken.model, 'image')).toHaveLength(5);
});
