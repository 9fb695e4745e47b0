// Opening: migrations, several openers at once, databases that are not ours.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openCatalog } from '#catalog';
import { migrate } from '../../services/catalog/migrate';
import { temporaryFolder } from './fixtures';

const run = promisify(execFile);

function tables(file: string): string[] {
  const database = new Database(file, { readonly: true });
  const names = database
    .prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`)
    .pluck()
    .all() as string[];
  database.close();
  return names.sort();
}

test('a new catalog has every table, large pages and a write-ahead log', async () => {
  const file = path.join(temporaryFolder(), 'deep', 'bifocal.db');
  const catalog = await openCatalog(file);
  expect(await catalog.counts()).toEqual({
    items: 0,
    files: { present: 0, missing: 0, failed: 0 },
    captions: 0,
    collections: 0,
  });
  await catalog.close();
  expect(tables(file)).toEqual([
    ...[
      'Caption',
      'Collection',
      'CollectionItem',
      'Embedding',
      'File',
      'Identity',
      'Item',
      'Model',
    ],
    ...['Words', 'Words_config', 'Words_data', 'Words_docsize', 'Words_idx', '_prisma_migrations'],
  ]);
  const database = new Database(file);
  expect(database.pragma('page_size', { simple: true })).toBe(65536);
  expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
  database.close();
  expect(readdirSync(path.dirname(file)).filter((name) => name.includes('.new'))).toEqual([]);
});

test('opening again finds the same catalog, another file another one', async () => {
  const folder = temporaryFolder();
  const ids = [];
  for (const name of ['a.db', 'a.db', 'b.db']) {
    const catalog = await openCatalog(path.join(folder, name));
    ids.push(catalog.id);
    await catalog.close();
  }
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
});

test('openers at the same time, in one process and in several, all succeed', async () => {
  const file = path.join(temporaryFolder(), 'bifocal.db');
  const script = `import('#catalog').then(async ({ openCatalog }) => {
    const catalog = await openCatalog(${JSON.stringify(file)});
    console.log(catalog.id);
    await catalog.close();
  })`;
  const elsewhere = [1, 2].map(() =>
    run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]),
  );
  const here = await Promise.all([openCatalog(file), openCatalog(file)]);
  const ids = (await Promise.all(elsewhere)).map(({ stdout }) => stdout.trim());
  ids.push(...here.map((catalog) => catalog.id));
  await Promise.all(here.map((catalog) => catalog.close()));
  expect(new Set(ids).size).toBe(1);
});

/** A copy of the migrations, to which others can be added, and a database with all of the present ones. */
async function withMigrations() {
  const folder = temporaryFolder();
  const file = path.join(folder, 'bifocal.db');
  const migrations = path.join(folder, 'migrations');
  cpSync('prisma/migrations', migrations, { recursive: true });
  await migrate(file, migrations);
  const add = (name: string, script: string) => {
    mkdirSync(path.join(migrations, name), { recursive: true });
    writeFileSync(path.join(migrations, name, 'migration.sql'), script);
  };
  return { file, migrations, add };
}

test('a migration that comes later is applied, its data kept', async () => {
  const { file, migrations, add } = await withMigrations();
  const before = tables(file);
  add('20990101000000_later', 'CREATE TABLE "Later" ("id" INTEGER NOT NULL PRIMARY KEY);');
  await Promise.all([migrate(file, migrations), migrate(file, migrations)]);
  expect(tables(file)).toEqual([...before, 'Later'].sort());
  await expect(openCatalog(file)).rejects.toThrow(/20990101000000_later.*update Bifocal/);
});

test('of migrations that fail, or are killed, nothing stays', async () => {
  const { file, migrations, add } = await withMigrations();
  const before = tables(file);
  add('20990101000000_good', 'CREATE TABLE "Good" ("id" INTEGER NOT NULL PRIMARY KEY);');
  add('20990102000000_bad', 'CREATE TABLE "Bad" ("id" INTEGER); INSERT INTO "Nowhere" VALUES (1);');
  await expect(migrate(file, migrations)).rejects.toThrow(/bifocal\.db: a migration .*Nowhere/);
  expect(tables(file)).toEqual(before);

  // So long that it does not end by itself.
  const endless =
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n';
  add('20990102000000_bad', `CREATE TABLE "Bad" ("id" INTEGER); INSERT INTO "Bad" ${endless};`);
  const script = `import { migrate } from ${JSON.stringify(path.resolve('services/catalog/migrate'))};
    process.stdout.write('.');
    await migrate(${JSON.stringify(file)}, ${JSON.stringify(migrations)});`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  await once(child.stdout, 'data');
  while (!isLocked(file)) await setTimeout(5);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(tables(file)).toEqual(before);
  add('20990102000000_bad', 'CREATE TABLE "Bad" ("id" INTEGER);');
  await migrate(file, migrations);
  expect(tables(file)).toEqual([...before, 'Bad', 'Good'].sort());
});

function isLocked(file: string): boolean {
  const database = new Database(file, { timeout: 0 });
  try {
    database.exec('BEGIN IMMEDIATE; ROLLBACK');
    return false;
  } catch {
    return true;
  } finally {
    database.close();
  }
}

test('a table that is made anew keeps what refers to it', async () => {
  const { file, migrations, add } = await withMigrations();
  const database = new Database(file);
  database.exec(`INSERT INTO "Item" ("sha256", "width", "height", "format", "bytes") VALUES ('s', 3, 2, 'png', 1);
                 INSERT INTO "Caption" ("itemId", "text", "source") VALUES (1, 'kept', 'x')`);
  const anew = (from: string) => `
    PRAGMA foreign_keys=OFF;
    CREATE TABLE "new" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "sha256" TEXT NOT NULL);
    INSERT INTO "new" SELECT "id", "sha256" FROM ${from};
    DROP TABLE "Item";
    ALTER TABLE "new" RENAME TO "Item";
    PRAGMA foreign_keys=ON;`;
  add('20990101000000_anew', anew('"Item" WHERE false'));
  await expect(migrate(file, migrations)).rejects.toThrow('it leaves Caption without what');
  add('20990101000000_anew', anew('"Item"'));
  await migrate(file, migrations);
  expect(database.prepare('SELECT "text" FROM "Caption"').pluck().all()).toEqual(['kept']);
  database.close();
});

test('a catalog of the first version is brought up to date where it lies', async () => {
  const folder = temporaryFolder();
  const first = path.join(folder, 'prisma', 'migrations');
  cpSync('prisma/migrations', first, { recursive: true });
  cpSync('prisma/schema.prisma', path.join(folder, 'prisma', 'schema.prisma'));
  for (const name of readdirSync(first).filter((each) => /^2026(?!0101)/.test(each))) {
    rmSync(path.join(first, name), { recursive: true });
  }
  const file = path.join(folder, 'bifocal.db');
  await migrate(file, first);
  const database = new Database(file);
  database.exec(`INSERT INTO "Item" ("sha256", "width", "height", "format", "bytes", "takenAt")
                 VALUES ('s', 3, 2, 'png', 100, '2024-05-06T07:08:09.123+00:00');
                 INSERT INTO "File" ("path", "itemId", "size", "mtimeMs", "status")
                 VALUES ('/deep/in.side/猫 at dusk.png', 1, 1, 1, 'present');
                 INSERT INTO "Caption" ("itemId", "text", "source") VALUES (1, 'the old pier', 'x')`);
  database.close();

  const catalog = await openCatalog(file);
  const item = await catalog.files.itemOf('s', 1);
  const takenAt = new Date('2024-05-06T07:08:09.123Z');
  expect(item?.content).toMatchObject({ sha256: 's', width: 3, takenAt, camera: undefined });
  expect((await catalog.items([1])).get(1)).toMatchObject({ takenAt });
  expect([...catalog.filtered({ takenFrom: takenAt.toISOString() }, 'image')]).toEqual([1]);
  expect(await catalog.models.serving()).toBeNull();
  const match = { itemId: 1, captionId: 1, field: 'caption' };
  expect(catalog.fullText('old pi', { limit: 5 })).toEqual([match]);
  expect(catalog.fullText('猫 dusk', { limit: 5 })).toMatchObject([{ field: 'name' }]);
  expect(catalog.fullText('side', { limit: 5 })).toEqual([]);
  await catalog.close();
});

test('a file that is no database is refused in one line that names it', async () => {
  const file = path.join(temporaryFolder(), 'bifocal.db');
  writeFileSync(file, 'not a database, not at all, '.repeat(100));
  await expect(openCatalog(file)).rejects.toThrow(
    /bifocal\.db cannot be opened as a catalog: .*database/,
  );
});
