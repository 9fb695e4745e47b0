// Opening: migrations, several openers at once, databases that are not ours.

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
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

test('a migration that comes later is applied, its data kept', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'bifocal.db');
  cpSync('prisma', path.join(folder, 'prisma'), {
    recursive: true,
    filter: (source) => !source.startsWith(path.join('prisma', 'client')),
  });
  const migrations = path.join(folder, 'prisma', 'migrations');
  await migrate(file, migrations);
  const before = tables(file);
  mkdirSync(path.join(migrations, '20990101000000_later'));
  writeFileSync(
    path.join(migrations, '20990101000000_later', 'migration.sql'),
    'CREATE TABLE "Later" ("id" INTEGER NOT NULL PRIMARY KEY);',
  );
  await Promise.all([migrate(file, migrations), migrate(file, migrations)]);
  expect(tables(file)).toEqual([...before, 'Later'].sort());
  await expect(openCatalog(file)).rejects.toThrow(/20990101000000_later.*update Bifocal/);
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
