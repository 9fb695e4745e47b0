// Pictures to tensors, against Pillow's recorded results; and every kind of file that is no picture.

import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodePicture, ImageError, parsePreprocessing, preprocess, toTensor } from '#model';

const fixtures = path.join(import.meta.dirname, '../fixtures/pillow');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'bifocal-picture-'));
});
afterAll(() => rm(folder, { recursive: true }));

const clip = (size: number) =>
  parsePreprocessing({
    image_processor_type: 'CLIPImageProcessor',
    size: { shortest_edge: size },
    crop_size: { height: size, width: size },
    do_center_crop: true,
  });

const siglip = (size: number) =>
  parsePreprocessing({
    image_processor_type: 'SiglipImageProcessor',
    size: { height: size, width: size },
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
  });

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

describe('preprocess', () => {
  it.each([
    ['chelsea', 'clip', 224],
    ['coffee', 'clip', 96],
    ['astronaut', 'clip', 96],
    ['coffee', 'siglip', 64],
  ] as const)('sees %s as Pillow does (%s, %i)', async (name, kind, size) => {
    const settings = kind === 'clip' ? clip(size) : siglip(size);
    const ours = await preprocess(path.join(fixtures, `${name}.jpg`), settings);
    const reference = sharp(path.join(fixtures, `${name}-${kind}-${size}.png`));
    const theirs = toTensor(await reference.raw().toBuffer(), size, size, settings);
    expect(cosine(ours, theirs)).toBeGreaterThan(0.999);
  });

  it('normalises by channel', async () => {
    const color = { r: 255, g: 128, b: 0 };
    const image = sharp({ create: { width: 8, height: 8, channels: 3, background: color } }).png();
    const tensor = await preprocess(await image.toBuffer(), siglip(2));
    const expected = [1, 1, 1, 1, ...new Array<number>(4).fill(128 / 127.5 - 1), -1, -1, -1, -1];
    tensor.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  });

  it('pads with black where the crop is larger than the picture', async () => {
    const settings = parsePreprocessing({
      do_resize: false,
      size: 1,
      crop_size: { height: 3, width: 4 },
      do_normalize: false,
    });
    const white = sharp({ create: { width: 2, height: 1, channels: 3, background: '#fff' } }).png();
    const plane = [...(await preprocess(await white.toBuffer(), settings))].slice(0, 12);
    expect(plane).toEqual([0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
  });
});

/** Left half red, right half blue. */
function halves(width = 40, height = 20): Sharp {
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) data[i * 3 + (i % width < width / 2 ? 0 : 2)] = 255;
  return sharp(data, { raw: { width, height, channels: 3 } });
}

describe('decodePicture', () => {
  const formats: [string, () => Promise<Buffer>][] = [
    ['JPEG', () => halves().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()],
    ['PNG', () => halves().png().toBuffer()],
    ['PNG, 16 bit', () => halves().toColourspace('rgb16').png().toBuffer()],
    ['WebP', () => halves().webp({ lossless: true }).toBuffer()],
    ['AVIF', () => halves().avif({ lossless: true }).toBuffer()],
    ['GIF', () => halves().gif().toBuffer()],
    ['TIFF', () => halves().tiff({ compression: 'lzw' }).toBuffer()],
    [
      'SVG',
      async () =>
        Buffer.from(
          `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">
           <rect width="20" height="20" fill="#f00"/><rect x="20" width="20" height="20" fill="#00f"/></svg>`,
        ),
    ],
  ];

  it.each(formats)('reads %s', async (_name, encode) => {
    const { data, width, height } = await decodePicture(await encode(), { width: 20, height: 10 });
    expect([width, height]).toEqual([20, 10]);
    const pixel = (x: number, y: number) => [...data.subarray((y * 20 + x) * 3).subarray(0, 3)];
    for (const [x, color] of [
      [3, [255, 0, 0]],
      [16, [0, 0, 255]],
    ] as const) {
      pixel(x, 5).forEach((v, i) => expect(Math.abs(v - color[i]!)).toBeLessThan(12));
    }
  });

  it('covers the box and does not enlarge', async () => {
    const png = await halves(100, 50).png().toBuffer();
    const size = async (box: { width: number; height: number }) => {
      const { data, width, height } = await decodePicture(png, box);
      expect(data).toHaveLength(width * height * 3);
      return [width, height];
    };
    expect(await size({ width: 10, height: 10 })).toEqual([20, 10]);
    expect(await size({ width: 64, height: 8 })).toEqual([64, 32]);
    expect(await size({ width: 500, height: 500 })).toEqual([100, 50]);
  });

  it('turns a picture as its EXIF orientation says', async () => {
    const turned = await halves().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const { data, width, height } = await decodePicture(turned, { width: 20, height: 40 });
    expect([width, height]).toEqual([20, 40]);
    // A quarter turn clockwise: the left half, red, is on top.
    expect(data[(5 * 20 + 10) * 3]).toBeGreaterThan(240);
    expect(data[(35 * 20 + 10) * 3 + 2]).toBeGreaterThan(240);
  });

  it('lays transparency on white, and shows grey and CMYK as RGB', async () => {
    const box = { width: 4, height: 4 };
    const one = async (image: Sharp) => [
      ...(await decodePicture(await image.toBuffer(), box)).data,
    ];
    const create = (background: object, channels: 3 | 4 = 3) =>
      sharp({ create: { width: 4, height: 4, channels, background } });
    expect(await one(create({ r: 0, g: 0, b: 0, alpha: 0 }, 4).png())).toEqual(
      new Array(48).fill(255),
    );
    const grey = create({ r: 100, g: 100, b: 100 }).toColourspace('b-w').png();
    expect(await one(grey)).toEqual(new Array(48).fill(100));
    const [r, g, b] = await one(create({ r: 200, g: 30, b: 30 }).toColourspace('cmyk').jpeg());
    expect(r).toBeGreaterThan(g! + 80);
    expect(r).toBeGreaterThan(b! + 80);
  });

  it('takes the first frame of an animation', async () => {
    const frames = await sharp(
      [
        await sharp({ create: { width: 8, height: 8, channels: 3, background: '#f00' } })
          .png()
          .toBuffer(),
        await sharp({ create: { width: 8, height: 8, channels: 3, background: '#00f' } })
          .png()
          .toBuffer(),
      ],
      { join: { animated: true } },
    )
      .gif()
      .toBuffer();
    const { data, width, height } = await decodePicture(frames, { width: 8, height: 8 });
    expect([width, height]).toEqual([8, 8]);
    expect([...data.subarray(0, 3)]).toEqual([255, 0, 0]);
  });
});

/** The header of a PNG of any size, and nothing behind it. */
function hugePng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8 + body.length);
    frame.writeUInt32BE(data.length, 0);
    body.copy(frame, 4);
    frame.writeUInt32BE(crc32(body), 4 + body.length);
    return frame;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(100))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

describe('what is no picture', () => {
  const reason = async (source: string | Uint8Array) => {
    const error = await decodePicture(source, { width: 8, height: 8 }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ImageError);
    return (error as Error).message;
  };
  const file = async (name: string, content: Uint8Array | string) => {
    await writeFile(path.join(folder, name), content);
    return path.join(folder, name);
  };

  it('gets a reason', async () => {
    expect(await reason(await file('notes.png', 'buy milk'))).toMatch(/^not an image/);
    expect(await reason(await file('page.jpg', '<html><body>404</body></html>'))).toMatch(
      /^not an/,
    );
    expect(await reason(await file('empty.png', ''))).toBe('empty file');
    expect(await reason(new Uint8Array())).toBe('empty file');
    expect(await reason(path.join(folder, 'none.png'))).toBe('no such file');
    expect(await reason(folder)).toBe('not a file');
    await symlink(path.join(folder, 'loop.png'), path.join(folder, 'loop.png'));
    expect(await reason(path.join(folder, 'loop.png'))).toBe('a loop of links');
  });

  it('is over the limit of pixels by its header, before anything is decoded', async () => {
    expect(await reason(hugePng(20_000, 20_000))).toBe(
      '20000 × 20000 pixels is over the limit of 100 million',
    );
  });

  it.each([
    ['jpeg', 'truncated or damaged JPEG'],
    ['png', 'truncated or damaged PNG'],
    ['webp', 'truncated or damaged WebP'],
    ['gif', 'truncated or damaged GIF'],
    ['avif', 'truncated or damaged AVIF or HEIF'],
  ] as const)('is half a %s', async (format, expected) => {
    const whole = await readFile(path.join(fixtures, 'coffee.jpg'));
    const bytes = await sharp(whole).resize(150).toFormat(format).toBuffer();
    const half = bytes.subarray(0, bytes.length / 2);
    expect(await reason(half)).toBe(expected);
    expect(await reason(await file(`half ünï.${format}`, half))).toBe(expected);
  });
});

describe('pictures that fail side by side', () => {
  it('each get their own reason', async () => {
    const whole = await readFile(path.join(fixtures, 'coffee.jpg'));
    const names = { jpeg: 'JPEG', png: 'PNG', webp: 'WebP', gif: 'GIF' } as const;
    const kinds = Object.keys(names) as (keyof typeof names)[];
    const halves = await Promise.all(
      kinds.map(async (format) => {
        const bytes = await sharp(whole).resize(150).toFormat(format).toBuffer();
        return bytes.subarray(0, bytes.length / 2);
      }),
    );
    const many = Array.from({ length: 32 }, (_, index) => index % kinds.length);
    const reasons = await Promise.all(
      many.map((kind) =>
        decodePicture(halves[kind]!, { width: 8, height: 8 }).catch((e: Error) => e.message),
      ),
    );
    expect(reasons).toEqual(many.map((kind) => `truncated or damaged ${names[kinds[kind]!]}`));
  });
});

describe('parsePreprocessing', () => {
  it('reads the old form, one number for a size', () => {
    const old = { size: 224, crop_size: 224, do_center_crop: true };
    expect(parsePreprocessing({ ...old, feature_extractor_type: 'CLIPFeatureExtractor' })).toEqual(
      expect.objectContaining({ width: 224, height: 224, resize: { shortestEdge: 224 } }),
    );
    expect(
      parsePreprocessing({ size: 224, image_processor_type: 'ViTImageProcessor' }).resize,
    ).toEqual({ width: 224, height: 224 });
  });

  it('refuses what it cannot do', () => {
    const square = { height: 8, width: 8 };
    expect(() => parsePreprocessing({ size: square, resample: 5 })).toThrow(
      /^resample: .*filter 5/,
    );
    expect(() => parsePreprocessing({ size: { shortest_edge: 8 } })).toThrow(
      /^size: without a crop/,
    );
  });
});
