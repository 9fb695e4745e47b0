// Formats beyond the plain: colour profiles, drawings that reach out of themselves, and what is said of
// those that cannot be decoded.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodePicture } from '#picture';
import { temporaryFolder } from './fixtures';

const box = { width: 8, height: 8 };

test('colours of a wide profile are shown as those of sRGB', async () => {
  const p3 = { create: { ...box, channels: 3 as const, background: { r: 100, g: 200, b: 100 } } };
  const converted = await sharp(p3).withIccProfile('p3').png().toBuffer();
  const raw = await sharp(converted, {}).keepIccProfile().raw().toBuffer();
  const { data } = await decodePicture(converted, box);
  // Saved with the profile, the numbers in the file differ; shown, they are what they were in sRGB.
  expect(raw.subarray(0, 3)).not.toEqual(Buffer.from([100, 200, 100]));
  [100, 200, 100].forEach((value, n) => expect(Math.abs(data[n]! - value)).toBeLessThanOrEqual(2));
});

test('16 bits a channel, and CMYK', async () => {
  const image = sharp({ create: { ...box, channels: 3, background: { r: 200, g: 40, b: 90 } } });
  const deep = await image.clone().toColourspace('rgb16').png().toBuffer();
  expect((await sharp(deep).metadata()).depth).toBe('ushort');
  const { data } = await decodePicture(deep, box);
  [200, 40, 90].forEach((value, n) => expect(Math.abs(data[n]! - value)).toBeLessThanOrEqual(1));
  const cmyk = await image.clone().toColourspace('cmyk').tiff().toBuffer();
  const [r, g, b] = (await decodePicture(cmyk, box)).data;
  expect(r).toBeGreaterThan(g! + 60);
  expect(r).toBeGreaterThan(b! + 40);
});

test('a drawing shows nothing but itself, by its path too', async () => {
  const folder = temporaryFolder();
  const red = { create: { ...box, channels: 3 as const, background: '#f00' } };
  await sharp(red).png().toFile(path.join(folder, 'red.png'));
  for (const href of ['red.png', `file://${folder}/red.png`]) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><image width="8" height="8" href="${href}"/></svg>`;
    const file = path.join(folder, 'a.svg');
    writeFileSync(file, svg);
    for (const source of [file, Buffer.from(svg)]) {
      expect([...(await decodePicture(source, box)).data]).toEqual(new Array(192).fill(255));
    }
  }
});

test('drawings made to explode are refused', async () => {
  const entities = Array.from({ length: 9 }, (_, n) => {
    const inner = `&e${n};`.repeat(10);
    return `<!ENTITY e${n + 1} "${inner}">`;
  });
  const laughs = `<!DOCTYPE svg [<!ENTITY e0 "aaaaaaaaaa">${entities.join('')}]>`;
  const text = '<text>&e9;</text></svg>';
  const svg = (size: number) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}">`;
  await expect(decodePicture(Buffer.from(laughs + svg(8) + text), box)).rejects.toThrow(
    'truncated or damaged SVG',
  );
  await expect(decodePicture(Buffer.from(`${svg(30000)}</svg>`), box)).rejects.toThrow(
    '30000 × 30000 pixels is over the limit of 100 million',
  );
});

test.each([
  [
    'HEIC',
    '\0\0\0\x18ftypheic\0\0\0\0mif1heic',
    'HEIC (HEVC) cannot be decoded here; convert it to',
  ],
  ['BMP', `BM${'\0'.repeat(12)}(\0\0\0`, 'BMP cannot be decoded here; convert it to PNG'],
  ['JPEG XL', '\xff\x0a....', 'JPEG XL cannot be decoded here; convert it to JPEG'],
  ['JPEG 2000', '\0\0\0\x0cjP  \r\n\x87\n', 'JPEG 2000 cannot be decoded here; convert it to JPEG'],
  ['Photoshop', '8BPS\0\x01', 'Photoshop cannot be decoded here; convert it to PNG'],
  ['MP4', '\0\0\0\x20ftypisom\0\0\x02\0', 'a video, no picture'],
  ['Matroska', '\x1a\x45\xdf\xa3\x01\0\0\0', 'a video, no picture'],
  ['text', 'once upon a time', 'not an image, or in an unsupported format'],
])('%s gets its reason', async (_name, bytes, reason) => {
  await expect(decodePicture(Buffer.from(bytes, 'latin1'), box)).rejects.toThrow(reason);
});
