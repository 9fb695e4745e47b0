// Whole runs with a real (tiny) model: what ends up in the catalog, and what a second run does.

import {
  copyFileSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Catalog } from '#catalog';
import { ingest, type IngestOptions, type IngestProgress } from '#ingest';
import type { DualEncoder } from '#model';
import { drawing, temporaryCatalog, temporaryFolder, tinyModels, visible, write } from './fixtures';

const [model, other] = await tinyModels();

/** Ingests and gives the counts of the report. */
async function run(catalog: Catalog, folder: string, options: Partial<IngestOptions> = {}) {
  const { found, added, unchanged, removed, failed } = await ingest([folder], {
    catalog,
    model,
    ...options,
  });
  return { found, added, unchanged, removed, failed };
}

/** The model, counting the pictures that it is made to encode. */
function counting(encoder: DualEncoder) {
  const counts = { pictures: 0 };
  const counted: DualEncoder = Object.create(encoder, {
    encodePixels: {
      value: (pixels: Float32Array[]) => {
        counts.pictures += pixels.length;
        return encoder.encodePixels(pixels);
      },
    },
  });
  return { counts, counted };
}

test('every format is stored with the embedding that the model gives its file', async () => {
  const folder = temporaryFolder();
  const names = ['a.jpg', 'b.png', 'c.webp', 'd.avif', 'e.gif', 'f.tiff'];
  for (const [seed, name] of names.entries()) await drawing(path.join(folder, name), seed);
  write(folder, {
    'g.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="6"><circle r="4"/></svg>',
  });
  const catalog = await temporaryCatalog();
  const report = await ingest([folder], { catalog, model, collection: 'all' });
  expect(report).toMatchObject({ found: 7, added: 7, unchanged: 0, removed: 0, failures: [] });

  const [row] = await catalog.models.list();
  expect(row).toMatchObject({ fingerprint: model.fingerprint, name: model.name, dimension: 16 });
  const ids = catalog.embeddings.searchableIds(row!, 'image');
  const items = await catalog.items(ids);
  const stored = ids.map((id) => items.get(id)!);
  expect(stored.map(({ format }) => format)).toEqual([
    'jpeg',
    'png',
    'webp',
    'avif',
    'gif',
    'tiff',
    'svg',
  ]);
  expect(stored[0]).toMatchObject({ width: 48, height: 32, path: path.join(folder, 'a.jpg') });
  for (const { id, path: file } of stored) {
    const [expected] = await model.encodeImages([file!]);
    const vector = catalog.embeddings.vectors(row!, 'image', [id]);
    expect(vector.every((x, n) => Math.abs(x - expected![n]!) < 1e-5)).toBe(true);
  }
  expect(await catalog.collections.ids('all', 'image')).toEqual(ids);
});

test('what cannot be used ends in a reason, and the rest is stored', async () => {
  const folder = temporaryFolder();
  await drawing(path.join(folder, 'whole.jpg'));
  const jpeg = readFileSync(path.join(folder, 'whole.jpg'));
  writeFileSync(path.join(folder, 'cut.jpg'), jpeg.subarray(0, jpeg.length / 2));
  write(folder, {
    'text.png': 'this is no picture',
    'empty.png': '',
    'line\nbreak Ü.gif': 'GIF89a',
  });
  writeFileSync(path.join(folder, 'huge.png'), pngHeader(20_000, 20_000));
  symlinkSync('.', path.join(folder, 'loop'));
  const catalog = await temporaryCatalog();

  const options = { catalog, model, collection: 'mixed' };
  const { failures, ...counts } = await ingest([folder], options);
  expect(counts).toMatchObject({ found: 7, added: 1, unchanged: 0, failed: 6 });
  const reasons = failures.map(({ path: file, reason }) => [path.basename(file), reason]);
  // What exactly is wrong with pixels is the decoder's to say, and tested there.
  expect(Object.fromEntries(reasons)).toEqual({
    'cut.jpg': expect.any(String),
    'text.png': expect.any(String),
    'empty.png': 'empty file',
    'line\nbreak Ü.gif': expect.any(String),
    'huge.png': expect.stringMatching(/20000 × 20000 pixels is over the limit/),
    loop: 'a link that leads back to a folder it lies in',
  });
  expect(reasons.every(([, reason]) => /^.+$/.test(reason!))).toBe(true);
  expect(await visible(catalog)).toEqual([['whole.jpg', []]]);
  expect(catalog.files.failures().map(({ path: file }) => path.basename(file))).toEqual([
    'cut.jpg',
    'empty.png',
    'huge.png',
    'line\nbreak Ü.gif',
    'text.png',
  ]);
  expect(catalog.files.failures().every(({ collection }) => collection === 'mixed')).toBe(true);

  // Mended, they are taken in; gone, they are forgotten.
  writeFileSync(path.join(folder, 'cut.jpg'), jpeg);
  for (const name of ['text.png', 'huge.png', 'loop', 'line\nbreak Ü.gif']) {
    rmSync(path.join(folder, name));
  }
  expect(await run(catalog, folder)).toMatchObject({
    added: 1,
    unchanged: 1,
    failed: 1,
    removed: 0,
  });
  expect((await catalog.counts()).files).toEqual({ present: 2, missing: 0, failed: 1 });
});

test('a second run encodes nothing; touched, moved and copied files keep their item', async () => {
  const folder = temporaryFolder();
  const at = (name: string) => path.join(folder, name);
  for (const [seed, name] of ['a.png', 'b.png', 'c.png'].entries()) await drawing(at(name), seed);
  const catalog = await temporaryCatalog();
  const { counts, counted } = counting(model);
  await run(catalog, folder, { model: counted });
  expect(counts.pictures).toBe(3);
  expect(await run(catalog, folder, { model: counted })).toEqual({
    found: 3,
    added: 0,
    unchanged: 3,
    removed: 0,
    failed: 0,
  });

  utimesSync(at('a.png'), 1, 1);
  renameSync(at('b.png'), at('moved.png'));
  copyFileSync(at('c.png'), at('copy.png'));
  expect(await run(catalog, folder, { model: counted })).toEqual({
    found: 4,
    added: 2,
    unchanged: 2,
    removed: 1,
    failed: 0,
  });
  expect(counts.pictures).toBe(3);
  expect(await catalog.counts()).toMatchObject({ items: 3, files: { present: 4, missing: 1 } });
  expect(await run(catalog, folder)).toMatchObject({ added: 0, unchanged: 4, removed: 0 });
});

test('changed files are embedded anew, vanished ones are missing until they come back', async () => {
  const folder = temporaryFolder();
  const at = (name: string) => path.join(folder, name);
  for (const [seed, name] of ['a.png', 'b.png'].entries()) await drawing(at(name), seed);
  const catalog = await temporaryCatalog();
  await run(catalog, folder);

  await drawing(at('a.png'), 9);
  renameSync(at('b.png'), path.join(temporaryFolder(), 'b.png'));
  expect(await run(catalog, folder)).toMatchObject({ found: 1, added: 1, removed: 1 });
  expect(await visible(catalog)).toEqual([['a.png', []]]);
  const [row] = await catalog.models.list();
  const ids = catalog.embeddings.searchableIds(row!, 'image');
  const [expected] = await model.encodeImages([at('a.png')]);
  const vector = catalog.embeddings.vectors(row!, 'image', ids);
  expect(vector.every((x, n) => Math.abs(x - expected![n]!) < 1e-5)).toBe(true);

  await drawing(at('b.png'), 1);
  expect(await run(catalog, folder)).toMatchObject({ added: 1, unchanged: 1, removed: 0 });
  expect((await catalog.counts()).items).toBe(2);
});

test('captions come from beside, from lists and from the user, and follow their sources', async () => {
  const folder = temporaryFolder();
  for (const name of ['a.png', 'b.png', 'c.png'])
    await drawing(path.join(folder, name), name.charCodeAt(0));
  write(folder, {
    'a.txt': 'a striped picture',
    'c.txt': 'a book, perhaps. '.repeat(4_000),
    'metadata.jsonl': '{"file_name": "b.png", "captions": ["b", "second"]}\n',
  });
  const lists = temporaryFolder();
  write(lists, { 'list.csv': `image,caption\n${path.join(folder, 'c.png')},listed\n` });
  const captions = path.join(lists, 'list.csv');
  const catalog = await temporaryCatalog();
  const first = await ingest([folder], { catalog, model, captions, collection: 'c' });
  const tooLong = { path: path.join(folder, 'c.txt'), reason: expect.stringMatching(/too long/) };
  expect(first.failures).toEqual([tooLong]);
  expect(await visible(catalog)).toEqual([
    ['a.png', ['a striped picture']],
    ['b.png', ['b', 'second']],
    ['c.png', ['listed']],
  ]);
  const [row] = await catalog.models.list();
  const ids = catalog.embeddings.searchableIds(row!, 'text');
  const texts = await catalog.captions(ids);
  const expected = await model.encodeTexts(ids.map((id) => texts.get(id)!.text));
  const vectors = catalog.embeddings.vectors(row!, 'text', ids);
  expect(
    expected.flatMap((one) => [...one]).every((x, n) => Math.abs(x - vectors[n]!) < 1e-5),
  ).toBe(true);

  write(folder, {
    'a.txt': 'another text',
    'metadata.jsonl': '{"file_name": "b.png", "text": "b"}',
  });
  expect(await run(catalog, folder)).toMatchObject({ added: 0, unchanged: 3, failed: 1 });
  expect(await visible(catalog)).toEqual([
    ['a.png', ['another text']],
    ['b.png', ['b']],
    ['c.png', ['listed']],
  ]);
  expect(catalog.embeddings.searchableIds(row!, 'text')).toHaveLength(3);
});

test('a second model embeds the same pictures and captions beside the first', async () => {
  const folder = temporaryFolder();
  await drawing(path.join(folder, 'a.png'));
  write(folder, { 'a.txt': 'a text' });
  const catalog = await temporaryCatalog();
  await run(catalog, folder);
  rmSync(path.join(folder, 'a.txt'));
  write(folder, { 'metadata.jsonl': '{"file_name": "a.png", "text": "kept"}' });
  await run(catalog, folder);
  rmSync(path.join(folder, 'metadata.jsonl'));

  expect(await run(catalog, folder, { model: other })).toMatchObject({ added: 1, unchanged: 0 });
  const [first, second] = await catalog.models.list();
  for (const [row, encoder] of [
    [first!, model],
    [second!, other],
  ] as const) {
    const [expected] = await encoder.encodeTexts(['kept']);
    const ids = catalog.embeddings.searchableIds(row, 'text');
    expect(ids).toHaveLength(1);
    const vector = catalog.embeddings.vectors(row, 'text', ids);
    expect(vector.every((x, n) => Math.abs(x - expected![n]!) < 1e-5)).toBe(true);
    expect(catalog.embeddings.searchableIds(row, 'image')).toEqual([1]);
  }
});

test('an interrupted run keeps whole batches, and the next one does the rest', async () => {
  const folder = temporaryFolder();
  for (let n = 0; n < 80; n++) {
    await drawing(path.join(folder, `${n}.png`), n);
    write(folder, { [`${n}.txt`]: `number ${n}` });
  }
  const catalog = await temporaryCatalog();
  const { counts, counted } = counting(model);
  const stop = new AbortController();
  const interrupted = run(catalog, folder, {
    model: counted,
    signal: stop.signal,
    onProgress: ({ added }) => {
      if (added === 40) stop.abort(new Error('stopped by the test'));
    },
  });
  await expect(interrupted).rejects.toThrow('stopped by the test');
  const { items, captions } = await catalog.counts();
  expect([items, captions]).toEqual([32, 32]);

  expect(await run(catalog, folder, { model: counted })).toMatchObject({
    added: 48,
    unchanged: 32,
  });
  expect(counts.pictures).toBe(80);
  expect(await catalog.counts()).toMatchObject({ items: 80, captions: 80 });
});

test('progress counts one picture at a time', async () => {
  const folder = temporaryFolder();
  for (let n = 0; n < 40; n++) await drawing(path.join(folder, `${n}.png`), n);
  write(folder, { 'bad.png': 'text' });
  const catalog = await temporaryCatalog();
  const seen: IngestProgress[] = [];
  await run(catalog, folder, { onProgress: (progress) => seen.push(progress) });
  expect(seen.map(({ added, failed }) => added + failed)).toEqual(seen.map((_, n) => n + 1));
  expect(seen.at(-1)).toMatchObject({ found: 41, added: 40, unchanged: 0, failed: 1 });
  expect([undefined, 41]).toContain(seen.at(-1)?.total);
});

test('unchanged pictures join the collection that is asked for', async () => {
  const folder = temporaryFolder();
  await drawing(path.join(folder, 'a.png'));
  const catalog = await temporaryCatalog();
  await run(catalog, folder);
  expect(await run(catalog, folder, { collection: 'late' })).toMatchObject({ unchanged: 1 });
  expect(await catalog.collections.list()).toEqual([{ name: 'late', items: 1 }]);
});

test('wrong arguments are told in one line', async () => {
  const folder = temporaryFolder();
  await drawing(path.join(folder, 'a.png'));
  const catalog = await temporaryCatalog();
  await expect(ingest(['/no/such/folder'], { catalog, model })).rejects.toThrow(
    '/no/such/folder: no such file, or a link to none',
  );
  const captions = path.join(folder, 'captions.csv');
  await expect(run(catalog, folder, { captions })).rejects.toThrow(
    `captions ${captions}: no such file`,
  );
  write(folder, { 'captions.csv': 'image,text\nelsewhere/a.png,a text\n' });
  const report = await ingest([folder], { catalog, model, captions });
  expect(report.failures).toEqual([
    { path: captions, reason: expect.stringMatching(/^names none of the pictures/) },
  ]);
});

/** A PNG whose header promises more than it holds. */
function pngHeader(width: number, height: number): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const start = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([start, pngChunk('IHDR', header), pngChunk('IDAT', Buffer.alloc(16))]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}
