// What a model that comes later makes of the pictures that are there, and what an ingest forgets.

import { copyFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Catalog } from '#catalog';
import { embedItems, ingest, prune, type EmbedProgress } from '#ingest';
import { drawing, temporaryCatalog, temporaryFolder, tinyModels, visible, write } from './fixtures';

const [first, later] = await tinyModels();

/** A folder of so many pictures with captions, taken in by the first model. */
async function library(count: number): Promise<{ folder: string; catalog: Catalog }> {
  const folder = temporaryFolder();
  for (let n = 0; n < count; n++) {
    await drawing(path.join(folder, `${n}.png`), n);
    write(folder, { [`${n}.txt`]: `number ${n}` });
  }
  const catalog = await temporaryCatalog();
  await ingest([folder], { catalog, model: first });
  return { folder, catalog };
}

const close = (vector: Float32Array, expected: Float32Array) =>
  expect(Math.max(...vector.map((x, i) => Math.abs(x - expected[i]!)))).toBeLessThan(1e-5);

test('embedItems embeds what is on the disk as it was stored, and says what is not', async () => {
  const { folder, catalog } = await library(5);
  await drawing(path.join(folder, '1.png'), 99);
  rmSync(path.join(folder, '2.png'));
  copyFileSync(path.join(folder, '3.png'), path.join(folder, 'copy of 3.png'));
  await ingest([path.join(folder, 'copy of 3.png')], { catalog, model: first });
  rmSync(path.join(folder, '3.png'));
  const progress: EmbedProgress[] = [];
  const onProgress = (each: EmbedProgress) => progress.push(each);
  const report = await embedItems(catalog, later, { onProgress });

  expect(report.embedded).toBe(3);
  expect(report.failures.map((failure) => path.basename(failure.path)).sort()).toEqual([
    '1.png',
    '2.png',
  ]);
  expect(report.failures.find((failure) => failure.path.endsWith('1.png'))!.reason).toMatch(
    /changed since/,
  );
  // Captions of pictures that have none by this model wait with them.
  expect(progress.at(-1)).toMatchObject({ done: 8, total: 10, failed: 2 });
  const row = await catalog.models.register(later);
  const ids = catalog.embeddings.searchableIds(row, 'image');
  const items = await catalog.items(ids);
  const numbers = ids.map((id) => Number(items.get(id)!.captions[0]!.replace('number ', '')));
  expect(numbers.toSorted()).toEqual([0, 3, 4]);
  for (const [i, n] of numbers.entries()) {
    const file = path.join(folder, n === 3 ? 'copy of 3.png' : `${n}.png`);
    const [expected] = await later.encodeImages([file]);
    close(catalog.embeddings.vectors(row, 'image', [ids[i]!]), expected!);
  }
  const captions = await catalog.captions(catalog.embeddings.searchableIds(row, 'text'));
  expect(captions.size).toBe(3);
  for (const [id, { text }] of captions) {
    const [expected] = await later.encodeTexts([text]);
    close(catalog.embeddings.vectors(row, 'text', [id]), expected!);
  }
  expect((await embedItems(catalog, later)).embedded).toBe(0);
});

test('embedItems goes on where it was interrupted', async () => {
  const { catalog } = await library(70);
  const stop = new AbortController();
  const onProgress = () => stop.abort(new Error('stopped by the test'));
  const stopped = embedItems(catalog, later, { onProgress, signal: stop.signal });
  await expect(stopped).rejects.toThrow('stopped by the test');
  const row = await catalog.models.register(later);
  expect(catalog.models.embedded(row)).toEqual({ images: 32, texts: 0 });
  expect(await embedItems(catalog, later)).toEqual({ embedded: 38, failures: [] });
  expect(catalog.models.embedded(row)).toEqual({ images: 70, texts: 70 });
});

test('prune forgets what has gone, keeps what has moved, and trusts no empty folder', async () => {
  const { folder, catalog } = await library(4);
  const whole = temporaryFolder();
  const names = ['0', '1', '2', '3'].flatMap((n) => [`${n}.png`, `${n}.txt`]);
  const move = (from: string, to: string) =>
    names.forEach((name) => renameSync(path.join(from, name), path.join(to, name)));
  move(folder, whole); // as when a disk is not mounted
  await ingest([folder], { catalog, model: first });
  await expect(prune(catalog, [folder])).rejects.toThrow(/is empty .*nothing is pruned/);
  expect((await catalog.counts()).items).toBe(4);

  move(whole, folder);
  await ingest([folder], { catalog, model: first });
  expect(await prune(catalog, [folder])).toEqual({ files: 0, items: 0, captions: 0 });
  rmSync(path.join(folder, '0.png'));
  renameSync(path.join(folder, '1.png'), path.join(folder, 'moved.png'));
  await ingest([folder], { catalog, model: first });
  expect(await prune(catalog, [folder])).toEqual({ files: 2, items: 1, captions: 1 });
  expect((await visible(catalog)).map(([name]) => name)).toEqual(['2.png', '3.png', 'moved.png']);
  expect(await catalog.counts()).toMatchObject({ items: 3, files: { present: 3, missing: 0 } });
});
