// Backup while others write, and the way back.

import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openCatalog, restore } from '#catalog';
import { picture, storeAll, temporaryCatalog, temporaryFolder } from './fixtures';

const batch = (n: number) =>
  Array.from({ length: 50 }, (_, i) => picture(`/${n}/${i}.png`, { texts: [`${n} ${i}`] }));

test('a backup made while others write is whole batches, and one file', async () => {
  const { catalog, model } = await temporaryCatalog();
  const writer = await openCatalog(catalog.file);
  for (let n = 0; n < 5; n++) await storeAll(catalog, model, batch(n));
  const copy = path.join(temporaryFolder(), 'deep', 'copy.db');
  let done = false;
  const writing = (async () => {
    for (let n = 5; !done; n++) {
      await storeAll(writer, model, batch(n));
      await setImmediate();
    }
  })();
  await catalog.backup(copy, () => {});
  done = true;
  await writing;
  await writer.close();

  expect(readdirSync(path.dirname(copy))).toEqual(['copy.db']);
  const database = new Database(copy, { readonly: true });
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  const count = (table: string) =>
    database.prepare(`SELECT count(*) FROM "${table}"`).pluck().get() as number;
  expect(count('Item')).toBeGreaterThanOrEqual(250);
  expect(count('Item') % 50).toBe(0);
  expect(count('Embedding')).toBe(2 * count('Item'));
  database.close();
});

test('a restored catalog is as it was, under another identity; the former one is kept', async () => {
  const { catalog, model } = await temporaryCatalog();
  await storeAll(catalog, model, batch(1));
  const copy = path.join(temporaryFolder(), 'copy.db');
  await catalog.backup(copy, () => {});
  await storeAll(catalog, model, batch(2));
  await catalog.close();

  const former = await restore(copy, catalog.file);
  const restored = await openCatalog(catalog.file);
  expect(await restored.counts()).toMatchObject({ items: 50, captions: 50 });
  expect(restored.id).not.toBe(catalog.id);
  await restored.close();
  const before = await openCatalog(former!);
  expect(await before.counts()).toMatchObject({ items: 100 });
  expect(before.id).toBe(catalog.id);
  await before.close();
  expect(await restore(copy, path.join(temporaryFolder(), 'new', 'bifocal.db'))).toBeNull();
});

test('a catalog in use is not replaced', async () => {
  const { catalog, model } = await temporaryCatalog();
  await storeAll(catalog, model, batch(1));
  const copy = path.join(temporaryFolder(), 'copy.db');
  await catalog.backup(copy, () => {});
  await expect(restore(copy, catalog.file)).rejects.toThrow(/in use; stop the server/);
  expect(await catalog.counts()).toMatchObject({ items: 50 });
  await storeAll(catalog, model, batch(2));
  expect(readdirSync(path.dirname(catalog.file)).filter((name) => name.includes('tmp'))).toEqual(
    [],
  );
});

test('what is no backup, or a damaged one, is refused and changes nothing', async () => {
  const { catalog, model } = await temporaryCatalog();
  await storeAll(catalog, model, batch(1));
  const folder = temporaryFolder();
  const at = (name: string) => path.join(folder, name);
  await catalog.backup(at('cut.db'), () => {});
  await catalog.close();
  truncateSync(at('cut.db'), 300_000);
  writeFileSync(at('text.db'), 'not a database');
  await expect(restore(at('none.db'), catalog.file)).rejects.toThrow('none.db does not exist');
  await expect(restore(at('text.db'), catalog.file)).rejects.toThrow('text.db is no backup');
  await expect(restore(at('cut.db'), catalog.file)).rejects.toThrow(/cut\.db is damaged/);
  const same = await openCatalog(catalog.file);
  expect(same.id).toBe(catalog.id);
  await expect(same.backup(at('text.db'), () => {})).rejects.toThrow('no database');
  expect(readFileSync(at('text.db'), 'utf8')).toBe('not a database');
  await same.close();
});

test('a backup takes the place of a catalog that is damaged', async () => {
  const { catalog, model } = await temporaryCatalog();
  await storeAll(catalog, model, batch(1));
  const copy = path.join(temporaryFolder(), 'copy.db');
  await catalog.backup(copy, () => {});
  await catalog.close();
  writeFileSync(catalog.file, 'no database any more');
  const former = await restore(copy, catalog.file);
  expect(existsSync(former!)).toBe(true);
  const restored = await openCatalog(catalog.file);
  expect(await restored.counts()).toMatchObject({ items: 50 });
  await restored.close();
});
