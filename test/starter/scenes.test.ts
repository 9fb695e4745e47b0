// Scenes: the drawing is there, on a background that depends on the seed alone.

import sharp from 'sharp';
import { expect, test } from 'vitest';
import { Random } from '#random';
import { scene } from '../../scripts/starter/scenes';

const drawing = (fill: string) =>
  sharp({ create: { width: 160, height: 160, channels: 4, background: fill } })
    .webp({ lossless: true })
    .toBuffer();

async function pixels(picture: Buffer) {
  const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [...data.subarray(3 * (y * info.width + x))].slice(0, 3);
  return { data, info, at };
}

test('the same seed makes the same scene, another one another', async () => {
  const red = await drawing('#ff0000');
  const make = (seed: number) => scene([red], new Random(seed), false);
  const [first, again, other] = [await make(1), await make(1), await make(2)];
  expect(first.equals(again)).toBe(true);
  expect(first.equals(other)).toBe(false);
  const { info, at } = await pixels(first);
  expect([info.width, info.height, info.channels]).toEqual([128, 128, 3]);
  const [r = 0, g = 0, b = 0] = at(64, 64);
  expect(r - Math.max(g, b)).toBeGreaterThan(150);
});

test('two drawings stand side by side, the first on the left', async () => {
  for (let seed = 0; seed < 5; seed++) {
    const both = [await drawing('#ff0000'), await drawing('#0000ff')];
    const { info, data } = await pixels(await scene(both, new Random(seed), false));
    // Mean column of clearly red and of clearly blue pixels.
    const [red, blue] = [0, 2].map((channel) => {
      let [sum, count] = [0, 0];
      for (let at = 0; at < data.length; at += 3) {
        const rest = [0, 1, 2].filter((one) => one !== channel);
        if (data[at + channel]! < 200 || rest.some((one) => data[at + one]! > 60)) continue;
        sum += (at / 3) % info.width;
        count++;
      }
      return sum / count;
    });
    expect(red).toBeLessThan(blue!);
  }
});

test('black lines get a light background', async () => {
  const nothing = await drawing('#00000000');
  for (let seed = 0; seed < 10; seed++) {
    const { data } = await pixels(await scene([nothing], new Random(seed), true));
    const mean = data.reduce((sum, byte) => sum + byte, 0) / data.length;
    expect(mean).toBeGreaterThan(140);
  }
});
