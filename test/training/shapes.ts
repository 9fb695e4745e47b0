// A small data set with something to learn: coloured shapes on white, with captions that name them.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { Random } from '#random';

const COLOURS = ['red', 'green', 'blue', 'black'];
const SHAPES: Record<string, (x: number, y: number, r: number) => string> = {
  circle: (x, y, r) => `<circle cx="${x}" cy="${y}" r="${r}"/>`,
  square: (x, y, r) => `<rect x="${x - r}" y="${y - r}" width="${2 * r}" height="${2 * r}"/>`,
  bar: (x, y, r) => `<rect x="${x - r}" y="${y - r / 4}" width="${2 * r}" height="${r / 2}"/>`,
};

/** Writes `variants` pictures of every colour and shape, and data.jsonl beside them. Its path. */
export async function writeShapes(folder: string, variants: number, seed = 5): Promise<string> {
  await mkdir(folder, { recursive: true });
  const random = new Random(seed);
  const rows: string[] = [];
  for (const colour of COLOURS) {
    for (const [shape, draw] of Object.entries(SHAPES)) {
      for (let variant = 0; variant < variants; variant++) {
        const at = () => random.between(26, 38);
        const body = draw(at(), at(), random.between(14, 22));
        const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64" fill="white"/><g fill="${colour}">${body}</g></svg>`;
        const image = `${colour} ${shape} ${variant}.png`;
        await sharp(Buffer.from(svg)).png().toFile(path.join(folder, image));
        rows.push(JSON.stringify({ image, caption: `a ${colour} ${shape}` }));
      }
    }
  }
  const data = path.join(folder, 'data.jsonl');
  await writeFile(data, `${rows.join('\n')}\n`);
  return data;
}
