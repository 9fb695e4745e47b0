// What is read from a picture file besides its pixels.

import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp, { type Exif, type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { describe, readBytes } from '../../services/ingest/content';
import { readTakenAt } from '../../services/ingest/exif';
import { temporaryFolder } from './fixtures';

const blank = () => sharp({ create: { width: 30, height: 20, channels: 3, background: '#abc' } });

async function described(image: Sharp, name: string) {
  const file = path.join(temporaryFolder(), name);
  await image.toFile(file);
  const { size } = statSync(file);
  return describe(await readBytes(file, size), size);
}

test('size as shown, format, bytes and hash', async () => {
  const file = path.join(temporaryFolder(), 'a.jpg');
  await blank().withMetadata({ orientation: 6 }).toFile(file);
  const bytes = readFileSync(file);
  expect(await describe(await readBytes(file, bytes.length), bytes.length)).toEqual({
    sha256: createHash('sha256').update(bytes).digest('hex'),
    width: 20,
    height: 30,
    format: 'jpeg',
    bytes: bytes.length,
    takenAt: undefined,
  });
  expect(await described(blank(), 'a.avif')).toMatchObject({ format: 'avif' });
  expect(await described(blank(), 'a.webp')).toMatchObject({ format: 'webp', width: 30 });
});

test('a large file is hashed without being held in memory', async () => {
  const file = path.join(temporaryFolder(), 'large.bin');
  const content = Buffer.alloc(17 * 2 ** 20, 'x');
  writeFileSync(file, content);
  expect(await readBytes(file, content.length)).toEqual({
    sha256: createHash('sha256').update(content).digest('hex'),
    source: file,
  });
});

test('the time taken comes before the time changed', async () => {
  const exif = (tags: Exif) => blank().withExif(tags);
  const changed = { IFD0: { DateTime: '2024:05:06 07:08:09' } };
  const taken = { IFD2: { DateTimeOriginal: '2023:01:02 03:04:05' } };
  expect((await described(exif(changed), 'a.jpg')).takenAt).toEqual(
    new Date('2024-05-06T07:08:09Z'),
  );
  expect((await described(exif({ ...changed, ...taken }), 'a.jpg')).takenAt).toEqual(
    new Date('2023-01-02T03:04:05Z'),
  );
});

test('damaged EXIF gives no time', async () => {
  const { exif } = await sharp(
    await blank()
      .withExif({ IFD2: { DateTimeOriginal: '2023:01:02 03:04:05' } })
      .jpeg()
      .toBuffer(),
  ).metadata();
  expect(readTakenAt(exif!)).toEqual(new Date('2023-01-02T03:04:05Z'));
  for (let length = 0; length < exif!.length; length += 7) {
    const start = readTakenAt(exif!.subarray(0, length));
    expect(start === undefined || start.getTime() === Date.UTC(2023, 0, 2, 3, 4, 5)).toBe(true);
  }
  expect(readTakenAt(Buffer.from('no exif at all'))).toBeUndefined();
});
