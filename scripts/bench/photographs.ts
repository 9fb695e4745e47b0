// Pictures for measurements: as large, and as hard to decode, as photographs of a small camera.

import { appendFile, copyFile, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { Random } from '#random';

const [WIDTH, HEIGHT] = [1024, 768];

/** Writes JPEGs of soft shapes under the noise of a sensor, about 160 KB each. */
export async function photographs(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const random = new Random(1);
  for (let n = 0; n < count; n++) {
    const cells = Uint8Array.from({ length: 40 * 30 * 3 }, () => 256 * random.uniform());
    const pixels = await sharp(cells, { raw: { width: 40, height: 30, channels: 3 } })
      .resize(WIDTH, HEIGHT, { kernel: 'cubic' })
      .raw()
      .toBuffer();
    for (let at = 0; at < pixels.length; at++) {
      pixels[at] = Math.min(255, Math.max(0, pixels[at]! + 24 * (random.uniform() - 0.5)));
    }
    await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .jpeg({ quality: 85 })
      .toFile(path.join(folder, `${n}.jpg`));
  }
}

/** Each file of a folder several times, a byte after its end making it a content of its own. */
export async function copiesOf(folder: string, to: string, times: number): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(folder)) {
    for (let n = 0; n < times; n++) {
      const copy = path.join(to, `${n}-${name}`);
      await copyFile(path.join(folder, name), copy);
      await appendFile(copy, String(n));
    }
  }
}
