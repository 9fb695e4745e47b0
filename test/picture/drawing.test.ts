// Drawings that ask for more than they may: each is refused in one line, and what comes after it is drawn.

import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { ImageError, openPicture } from '#picture';
import { DrawingProcess, isDrawing, type Request } from '../../services/picture/drawing';

const svg = (inside: string, defs = '') =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><defs>${defs}</defs>${inside}</svg>`,
  );

/** Each of these stands for ten of the one before. */
function nested(innermost: string, outer: (id: number, inner: string) => string): string {
  const levels = Array.from({ length: 8 }, (_, id) => outer(id + 1, `#n${id}`));
  return innermost + levels.join('');
}

const tenfold = (one: string) => one.repeat(10);
const bombs: Record<string, Buffer> = {
  uses: svg(
    '<use href="#n8"/>',
    nested('<circle id="n0" r="9"/>', (id, inner) => {
      return `<g id="n${id}" opacity=".9">${tenfold(`<use href="${inner}"/>`)}</g>`;
    }),
  ),
  // Takes as long to open as others to draw.
  styles: svg(
    '<g class="a b c d"><rect class="a b c d"/></g>'.repeat(20_000),
    `<style>${Array.from({ length: 5000 }, (_, i) => `.a .b + .c ~ .d${i} {fill:red}`).join('')}</style>`,
  ),
};

describe('a drawing', () => {
  it('that would take minutes is given up, alone', async () => {
    const process = new DrawingProcess(0.5);
    const seen = { width: 40, height: 20, format: 'svg', metadataBytes: 0, damage: 'damaged' };
    const draw = (source: Buffer): Promise<unknown> =>
      process.ask(['pixels', source, seen, 4, 2, 'cubic']);
    const plain = svg('<rect width="40" height="20" fill="#f00"/>');
    const asked: Record<string, Request> = {
      uses: ['pixels', bombs['uses']!, seen, 4, 2, 'cubic'],
      styles: ['header', bombs['styles']!],
    };
    for (const [name, request] of Object.entries(asked)) {
      const refused = process.ask(request).catch((error: unknown) => error);
      const after = draw(plain);
      expect([name, await refused]).toEqual([name, expect.any(ImageError)]);
      expect(((await refused) as Error).message).toBe(
        'takes too long, or too much memory, to draw',
      );
      expect([...((await after) as Uint8Array)]).toEqual(new Array(8).fill([255, 0, 0]).flat());
    }
  });

  it('is found out by how it begins, in whatever way libvips reads it', async () => {
    const plain = svg('<rect width="9" height="9"/>').toString();
    const utf16 = Buffer.from(`<!-- \u733c\u6776 -->${plain}`, 'utf16le');
    const written = {
      plain: Buffer.from(plain),
      packed: gzipSync(plain),
      'after a comment': Buffer.from(`<!-- a drawing -->${plain}`),
      'after many spaces': Buffer.from(' '.repeat(100) + plain),
      'after a mark of its encoding': Buffer.from(`\ufeff${plain}`),
      'as UTF-16': utf16,
      'with a prefix': Buffer.from(plain.replace('<svg xmlns=', '<s:svg xmlns:s=')),
    };
    let drawings = 0;
    for (const [name, bytes] of Object.entries(written)) {
      const format = await sharp(bytes)
        .metadata()
        .then(
          (read) => read.format,
          () => 'none',
        );
      if (format === 'svg') drawings++;
      expect([name, isDrawing(bytes.subarray(0, 32).toString('latin1'))]).toEqual([name, true]);
    }
    expect(drawings).toBeGreaterThan(3);
    for (const other of [
      '\x89PNG\r\n\x1a\n',
      '\xff\xd8\xff\xe0',
      'RIFF....WEBP',
      '\0\0\0\x1cftyp',
    ]) {
      expect(isDrawing(other)).toBe(false);
    }
  });

  it('is opened, drawn as large as it is wanted, and keeps what is clear', async () => {
    const picture = await openPicture(svg('<rect width="20" height="20" fill="#00f"/>'));
    expect(picture).toMatchObject({ width: 40, height: 20, format: 'svg' });
    const { data, ...size } = await picture.fitted(400, 400);
    expect(size).toEqual({ width: 400, height: 200 });
    const pixel = (x: number) => [...data.subarray(4 * (100 * 400 + x)).subarray(0, 4)];
    expect([pixel(100), pixel(300)]).toEqual([
      [0, 0, 255, 255],
      [0, 0, 0, 0],
    ]);
  });
});
