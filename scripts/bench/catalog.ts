// `npm run bench:catalog [embeddings]`: storing and reading embeddings of 512 numbers through the catalog
// and through the bare driver, in turn, and the bytes of the database with items and paths.

import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { openCatalog, type StoredPicture } from '#catalog';
import { inTemporaryFolder } from './temporary-folder';

const DIMENSION = 512;
const BATCH = 500;
const ROUNDS = 3;
const count = Number(process.argv[2] ?? 10_000);

/** A picture with the metadata that a photograph has. */
function picture(n: number): StoredPicture {
  const sha256 = createHash('sha256').update(String(n)).digest('hex');
  const vector = new Float32Array(DIMENSION);
  vector[n % DIMENSION] = 1;
  const takenAt = new Date(1.5e12 + n * 60_000);
  return {
    path: `/home/someone/Pictures/${2010 + (n % 15)}/IMG_${n}.jpg`,
    size: 3e6 + n,
    mtimeMs: 1.7e12 + n,
    content: {
      ...{ sha256, width: 4000, height: 3000, format: 'jpeg', bytes: 3e6 + n, takenAt },
      perceptualHash: sha256.slice(0, 16),
    },
    vector,
    captions: [],
  };
}

const pictures = Array.from({ length: count }, (_, n) => picture(n));
const batches = Array.from({ length: Math.ceil(count / BATCH) }, (_, n) =>
  pictures.slice(n * BATCH, (n + 1) * BATCH),
);

/** Of this process's processor: what else the machine does must not count. */
async function seconds(work: () => void | Promise<void>): Promise<number> {
  const started = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1e6;
}

/** The same rows of the same tables, a prepared statement each, a transaction a batch. */
function storeBare(database: Database.Database): void {
  const item = database.prepare(`
    INSERT INTO "Item" ("sha256", "width", "height", "format", "bytes", "takenAt", "createdAt", "perceptualHash")
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  const file = database.prepare(`
    INSERT INTO "File" ("path", "itemId", "size", "mtimeMs", "status") VALUES (?, ?, ?, ?, 'present')`);
  const embedding = database.prepare(`
    INSERT INTO "Embedding" ("modelId", "itemId", "vector") VALUES (1, ?, ?)`);
  const store = database.transaction((batch: StoredPicture[]) => {
    for (const { path: name, size, mtimeMs, content, vector } of batch) {
      const { sha256, width, height, format, bytes, takenAt, perceptualHash } = content;
      const row = [sha256, width, height, format, bytes, takenAt!.getTime(), 0, perceptualHash];
      const { lastInsertRowid: id } = item.run(...row);
      file.run(name, id, size, mtimeMs);
      embedding.run(id, Buffer.from(vector!.buffer));
    }
  });
  for (const batch of batches) store.immediate(batch);
}

async function round(folder: string, n: number) {
  const catalog = await openCatalog(path.join(folder, `${n}.db`));
  const bareCatalog = await openCatalog(path.join(folder, `${n}-bare.db`));
  const fields = { fingerprint: 'f', name: 'bench', folder: '/m', dimension: DIMENSION };
  const model = await catalog.models.register(fields);
  await bareCatalog.models.register(fields);
  const bare = new Database(bareCatalog.file);
  const textVectors = new Map<string, Float32Array>();
  const store = await seconds(async () => {
    for (const batch of batches) await catalog.store({ model, pictures: batch, textVectors });
  });
  const bareStore = await seconds(() => storeBare(bare));
  const ids = catalog.embeddings.searchableIds(model, 'image');
  const read = await seconds(() => void catalog.embeddings.vectors(model, 'image', ids));
  const bareRead = await seconds(() => void bare.prepare('SELECT "vector" FROM "Embedding"').all());
  bare.close();
  await bareCatalog.close();
  await catalog.close();
  const bytes = statSync(catalog.file).size / (count * DIMENSION * 4);
  return { store, bareStore, read, bareRead, bytes };
}

await inTemporaryFolder(async (folder) => {
  for (let n = 0; n < ROUNDS; n++) {
    const { store, bareStore, read, bareRead, bytes } = await round(folder, n);
    console.log(
      `${count} × ${DIMENSION}, processor time: stored in ${store.toFixed(2)} s, ${(store / bareStore).toFixed(2)} × the bare driver; ` +
        `read in ${read.toFixed(2)} s, ${(read / bareRead).toFixed(2)} ×; database ${bytes.toFixed(3)} × the raw float32`,
    );
  }
});
