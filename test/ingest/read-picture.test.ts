// What is read from a picture file: its hash, size and format, when, where and with what it was taken,
// and what it says of itself.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Exif, type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { parsePreprocessing, preprocess } from '#model';
import { hashFile, readBytes, readPicture } from '../../services/ingest/threads/read-picture';
import { temporaryFolder } from './fixtures';

const settings = parsePreprocessing({ size: 16, crop_size: 16 });

const blank = () => sharp({ create: { width: 30, height: 20, channels: 3, background: '#abc' } });

async function read(image: Sharp | Buffer, name: string) {
  const file = path.join(temporaryFolder(), name);
  if (Buffer.isBuffer(image)) writeFileSync(file, image);
  else await image.toFile(file);
  return readPicture(file, settings);
}

const content = async (image: Sharp, name: string) => (await read(image, name)).content;
const captions = async (image: Sharp | Buffer, name: string) => (await read(image, name)).captions;

test('size as shown, format, bytes, hash and the tensor of the model', async () => {
  const file = path.join(temporaryFolder(), 'a.jpg');
  await blank().withMetadata({ orientation: 6 }).toFile(file);
  const bytes = readFileSync(file);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { pixels, ...rest } = await readPicture(file, settings);
  expect(rest).toEqual({
    content: {
      sha256,
      width: 20,
      height: 30,
      format: 'jpeg',
      bytes: bytes.length,
      perceptualHash: '0000000000000000',
    },
    captions: [],
  });
  expect(pixels).toEqual(await preprocess(file, settings));
  expect(await hashFile(file)).toBe(sha256);
  expect(await content(blank(), 'a.avif')).toMatchObject({ format: 'avif' });
  expect(await content(blank(), 'a.webp')).toMatchObject({ format: 'webp', width: 30 });
});

test('a large file is hashed without being held in memory', async () => {
  const file = path.join(temporaryFolder(), 'large.bin');
  const large = Buffer.alloc(17 * 2 ** 20, 'x');
  writeFileSync(file, large);
  expect(await readBytes(file)).toEqual({
    sha256: createHash('sha256').update(large).digest('hex'),
    bytes: large.length,
    source: file,
  });
});

const CAMERA: Exif = {
  IFD0: { Make: 'Canon', Model: 'Canon EOS 5D', ImageDescription: 'OLYMPUS DIGITAL CAMERA' },
  IFD2: { DateTimeOriginal: '2023:01:02 03:04:05', UserComment: 'on the beach' },
  IFD3: {
    GPSLatitudeRef: 'S',
    GPSLatitude: '33/1 51/1 36/1',
    GPSLongitudeRef: 'E',
    GPSLongitude: '151/1 12/1 0/1',
  },
};

test('when, where and with what it was taken', async () => {
  for (const name of ['a.jpg', 'a.png', 'a.webp', 'a.avif']) {
    const { takenAt, camera, latitude, longitude } = await content(blank().withExif(CAMERA), name);
    expect(takenAt).toEqual(new Date('2023-01-02T03:04:05Z'));
    expect(camera).toBe('Canon EOS 5D');
    expect(latitude).toBeCloseTo(-33.86, 5);
    expect(longitude).toBeCloseTo(151.2, 5);
  }
  const other = {
    IFD0: { Make: 'NIKON CORPORATION', Model: 'D90', DateTime: '2024:05:06 07:08:09' },
  };
  expect(await content(blank().withExif(other), 'a.jpg')).toMatchObject({
    camera: 'NIKON CORPORATION D90',
    takenAt: new Date('2024-05-06T07:08:09Z'),
  });
});

test('damaged metadata is none', async () => {
  const whole = await blank().withExif(CAMERA).jpeg().toBuffer();
  const exif = whole.indexOf('Exif\0\0');
  for (let cut = 6; cut < 200; cut += 13) {
    const damaged = Buffer.from(whole).fill(0xff, exif + cut, exif + cut + 9);
    expect((await read(damaged, 'a.jpg')).content).toMatchObject({ width: 30 });
  }
});

const XMP = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">a red fox</rdf:li><rdf:li xml:lang="de">ein
 roter Fuchs</rdf:li></rdf:Alt></dc:description>
<dc:subject><rdf:Bag><rdf:li>fox</rdf:li><rdf:li>snow</rdf:li></rdf:Bag></dc:subject>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;

test('XMP: descriptions with their language, keywords; EXIF beside it, without boilerplate', async () => {
  for (const name of ['a.jpg', 'a.webp', 'a.avif']) {
    expect(await captions(blank().withExif(CAMERA).withXmp(XMP), name)).toEqual([
      {
        source: 'embedded:xmp',
        texts: [
          { text: 'a red fox' },
          { text: 'ein roter Fuchs', language: 'de' },
          { text: 'fox, snow' },
        ],
      },
      { source: 'embedded:exif', texts: [{ text: 'on the beach' }] },
    ]);
  }
  const boilerplate = [
    'SONY DSC',
    'Canon EOS 5D',
    'DSC_0123.JPG',
    'Created with GIMP',
    ' ',
    '0815',
  ];
  for (const ImageDescription of boilerplate) {
    const image = blank().withExif({ IFD0: { Model: 'Canon EOS 5D', ImageDescription } });
    expect(await captions(image, 'a.jpg')).toEqual([]);
  }
});

test('IPTC: caption and keywords in UTF-8', async () => {
  const record = (id: number, text: string) => {
    const bytes = Buffer.from(text);
    return Buffer.concat([Buffer.from([0x1c, id >> 8, id & 255, 0, bytes.length]), bytes]);
  };
  const iptc = Buffer.concat([
    record(0x15a, '\x1b%G'),
    record(0x278, 'Ein Käfer auf Moos'),
    record(0x219, 'beetle'),
    record(0x219, 'moss'),
  ]);
  const resource = Buffer.from([0x38, 0x42, 0x49, 0x4d, 4, 4, 0, 0, 0, 0, 0, iptc.length]);
  const app13 = Buffer.concat([
    Buffer.from('Photoshop 3.0\0'),
    resource,
    iptc,
    Buffer.alloc(iptc.length % 2),
  ]);
  const jpeg = await blank().jpeg().toBuffer();
  const marker = Buffer.from([0xff, 0xed, 0, app13.length + 2]);
  const whole = Buffer.concat([jpeg.subarray(0, 2), marker, app13, jpeg.subarray(2)]);
  expect(await captions(whole, 'a.jpg')).toEqual([
    { source: 'embedded:iptc', texts: [{ text: 'Ein Käfer auf Moos' }, { text: 'beetle, moss' }] },
  ]);
});

test('PNG: texts, compressed too', async () => {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const png = await blank().png().toBuffer();
  const title = chunk('tEXt', Buffer.from('Title\0a title'));
  const compressed = Buffer.concat([Buffer.from('Description\0\0'), deflateSync('some words')]);
  const parts = [png.subarray(0, 33), title, chunk('zTXt', compressed), png.subarray(33)];
  expect(await captions(Buffer.concat(parts), 'a.png')).toEqual([
    { source: 'embedded:png', texts: [{ text: 'a title' }, { text: 'some words' }] },
  ]);
});

test('SVG: title, description and keywords of the drawing, not of its parts or authors', async () => {
  const svg = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="6">
    <title xml:lang="en">A circle</title><desc>round</desc>
    <metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
      xmlns:cc="http://web.resource.org/cc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><cc:Work>
      <dc:creator><cc:Agent><dc:title>Somebody</dc:title></cc:Agent></dc:creator>
      <dc:subject><rdf:Bag><rdf:li>shape</rdf:li><rdf:li>geometry</rdf:li></rdf:Bag></dc:subject>
    </cc:Work></rdf:RDF></metadata>
    <circle r="4"><title>a part</title></circle></svg>`;
  expect(await captions(Buffer.from(svg), 'a.svg')).toEqual([
    {
      source: 'embedded:svg',
      texts: [{ text: 'A circle', language: 'en' }, { text: 'round' }, { text: 'shape, geometry' }],
    },
  ]);
});

test('a picture keeps its perceptual hash when it is saved again, smaller', async () => {
  const waves = Uint8Array.from({ length: 120 * 80 * 3 }, (_, at) => {
    const [x, y] = [Math.floor(at / 3) % 120, Math.floor(at / 360)];
    return 128 + 90 * Math.sin(x / 9) * Math.cos(y / 13) + 30 * Math.sin(x / 31 + y / 7);
  });
  const image = () => sharp(waves, { raw: { width: 120, height: 80, channels: 3 } });
  const { perceptualHash } = await content(image(), 'a.png');
  const again = await content(image().resize(90, 60).jpeg({ quality: 60 }), 'a.jpg');
  const mirrored = await content(image().flop(), 'b.png');
  expect(differing(perceptualHash!, again.perceptualHash!)).toBeLessThanOrEqual(3);
  expect(differing(perceptualHash!, mirrored.perceptualHash!)).toBeGreaterThan(16);
});

function differing(a: string, b: string): number {
  return (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2).replaceAll('0', '').length;
}
