// How long one text and one picture take on one thread, each by itself.

import { loadDualEncoder } from '#model';
import type { Times } from './figures';

const WARMUP = 5;

/** Medians over the captions and the (decoded) pictures of these rows. */
export async function timesOf(
  model: string,
  rows: { image: string; captions: string[] }[],
): Promise<Times> {
  const encoder = await loadDualEncoder(model, { threads: 1 });
  const pixels = await Promise.all(rows.map(({ image }) => encoder.preprocess(image)));
  const text = await median(rows, ({ captions }) => encoder.encodeTexts(captions.slice(0, 1)));
  const picture = await median(pixels, (one) => encoder.encodePixels([one]));
  await encoder.dispose();
  return { text, picture };
}

async function median<T>(items: T[], run: (item: T) => Promise<unknown>): Promise<number> {
  for (const item of items.slice(0, WARMUP)) await run(item);
  const times: number[] = [];
  for (const item of items) {
    const started = performance.now();
    await run(item);
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[times.length >> 1]!;
}
