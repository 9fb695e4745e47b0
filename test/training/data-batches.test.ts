// Batches: the same on any number of threads, right in every row, and honest about what fails.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadTokenizer, preprocess, readModelFolder, type ModelFolder } from '#model';
import { Random } from '#random';
import { RUN_DEFAULTS, type RunSettings } from '#training';
import type { Batch } from '../../services/training/data/batch';
import type { Batches } from '../../services/training/data/batches';
import { openBatches } from '../../services/training/data/open-batches';
import { readPairs, type Pair } from '../../services/training/data/pairs';
import { readTower } from '../../services/training/tower/read-tower';
import { likenessOf, similarOrder } from '../../services/training/data/similar';
import { openSamplePool } from '../../services/training/data/sample-pool';
import type { SampleData } from '../../services/training/data/samples';
import type { Tower } from '../../services/training/tower/tower';
import { createTinyModel } from '../engine/tiny-model';
import { writeShapes } from './shapes';

let folder: string;
let base: ModelFolder;
let pairs: Pair[];
let settings: RunSettings;
let towers: { text: Tower; image: Tower };

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'bifocal-batches-'));
  await createTinyModel(path.join(folder, 'base'));
  base = await readModelFolder(path.join(folder, 'base'));
  const data = await writeShapes(path.join(folder, 'pictures'), 2);
  pairs = await readPairs(data);
  pairs[0]!.captions.push('the first of all pictures');
  const rest = { epochs: 1, batchSize: 8, learningRate: 1e-4, seed: 3 };
  settings = { ...RUN_DEFAULTS, model: base.path, data, ...rest };
  towers = {
    text: await readTower(base, 'text', { rows: 1, frozen: false }),
    image: await readTower(base, 'image', { rows: 1, frozen: false }),
  };
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function take(
  steps: number[],
  threads: number,
  changed: Partial<RunSettings> = {},
  of = pairs,
): Promise<{ taken: Batch[]; batches: Batches }> {
  const batches = await openBatches(base, { ...settings, ...changed }, of, { ...towers, threads });
  const taken: Batch[] = [];
  for (const step of steps) taken.push(await batches.at(step));
  await batches.release();
  return { taken, batches };
}

/** All that is in a batch, to be compared. */
const content = ({ image, text, positives, pictures, captions, length }: Batch) => ({
  tensors: Object.entries({ ...image, ...text, positives }).map(([name, { dims, data }]) => [
    name,
    dims,
    data,
  ]),
  pictures,
  captions,
  length,
});

describe('batches', () => {
  test.each([
    [1, { wordDropout: 0.3, templates: ['{}', 'see {}'] }],
    [2, { augmentation: 'views' as const, captionsPerPicture: 2 }],
  ])('are the same with 0 and %s threads, and from the middle of a run', async (threads, more) => {
    const whole = await take([0, 1, 2, 3, 4], 0, more);
    const other = await take([2, 3, 4], threads, more);
    expect(other.taken.map(content)).toEqual(whole.taken.slice(2).map(content));
    const seeds = await take([0], 0, { ...more, seed: 4 });
    expect(seeds.taken[0]!.pictures).not.toEqual(whole.taken[0]!.pictures);
  });

  test('show each picture once an epoch, in another order and view in the next', async () => {
    const { taken, batches } = await take([0, 1, 2, 3, 4, 5], 0);
    expect(batches.stepsPerEpoch).toBe(3);
    const [first, second] = [taken.slice(0, 3), taken.slice(3)].map((epoch) =>
      epoch.flatMap((batch) => [...batch.pictures]),
    );
    const all = Array.from({ length: 24 }, (_, index) => index);
    expect([...first!].sort((a, b) => a - b)).toEqual(all);
    expect([...second!].sort((a, b) => a - b)).toEqual(all);
    expect(second).not.toEqual(first);
  });

  test('without augmentation, hold the pixels that evaluation sees, and the tokens of the caption', async () => {
    const { taken } = await take([0], 0, { augmentation: 'none' });
    const [batch] = taken;
    const tokenizer = await loadTokenizer(base);
    const size = 3 * base.preprocessing.width * base.preprocessing.height;
    for (const [row, picture] of batch!.pictures.entries()) {
      const expected = await preprocess(pairs[picture]!.image, base.preprocessing);
      const pixels = batch!.image['pixel_values']!.data as Float32Array;
      const own = pixels.subarray(row * size, (row + 1) * size);
      const difference = own.reduce((sum, value, at) => sum + Math.abs(value - expected[at]!), 0);
      expect(difference / size).toBeLessThan(0.02);

      const ids = batch!.text['input_ids']!.data as BigInt64Array;
      const said = [...ids.subarray(row * batch!.length, (row + 1) * batch!.length)].map(Number);
      const wanted = pairs[picture]!.captions.map((caption) => {
        const [tokens] = tokenizer.encode([caption]);
        return [...tokens!, ...Array<number>(batch!.length - tokens!.length).fill(tokenizer.padId)];
      });
      expect(wanted).toContainEqual(said);
    }
  });

  test('count a caption as right for every picture that has it', async () => {
    const { taken } = await take([0], 0, { batchSize: 24 });
    const { positives, pictures } = taken[0]!;
    // Shapes come in two variants under the same caption.
    const labels = [...pictures].map((picture) => pairs[picture]!.captions[0]);
    const first = pictures.indexOf(0);
    for (let row = 0; row < 24; row++) {
      for (let column = 0; column < 24; column++) {
        if (row === first || column === first) continue;
        const expected = labels[row] === labels[column] ? 1 : 0;
        expect(positives.data[row * 24 + column]).toBe(expected);
      }
    }
  });

  test('two views of each picture differ, and stand side by side', async () => {
    towers.image.rows = 2;
    try {
      const { taken } = await take([0], 0, { augmentation: 'views' });
      const { image, pictures, positives } = taken[0]!;
      expect(image['pixel_values']!.dims[0]).toBe(16);
      expect(positives.dims).toEqual([16, 8]);
      const pixels = image['pixel_values']!.data as Float32Array;
      const size = pixels.length / 16;
      for (let row = 0; row < 16; row += 2) {
        expect(pictures[row]).toBe(pictures[row + 1]);
        const view = (at: number) => pixels.slice(at * size, (at + 1) * size);
        expect(view(row)).not.toEqual(view(row + 1));
      }
    } finally {
      towers.image.rows = 1;
    }
  });

  test('pictures without captions make batches where the loss wants none', async () => {
    const bare = pairs.map(({ image }) => ({ image, captions: [] }));
    const batches = await openBatches(base, settings, bare, {
      ...towers,
      text: undefined,
      threads: 0,
    });
    const { text, captions, image } = await batches.at(0);
    await batches.release();
    expect(text).toEqual({});
    expect(captions).toHaveLength(0);
    expect(image['pixel_values']!.dims[0]).toBe(8);
  });

  test('embeddings take the place of pictures and captions', async () => {
    const batches = await openBatches(base, settings, pairs, {
      ...towers,
      embeddings: {
        dimension: 2,
        image: (file) =>
          Float32Array.of(
            1,
            pairs.findIndex(({ image }) => image === file),
          ),
        text: (said) => Float32Array.of(2, said.length),
      },
    });
    const { image, text, pictures, captions } = await batches.at(0);
    await batches.release();
    expect(image['pixel_values']!.data).toEqual(
      Float32Array.from([...pictures].flatMap((picture) => [1, picture])),
    );
    expect(text['text_embeddings']!.dims).toEqual([captions.length, 2]);
  });

  test('another picture takes the place of one that cannot be decoded, on any thread', async () => {
    const broken = path.join(folder, 'broken.png');
    await writeFile(broken, 'not a picture');
    const some = pairs.map((pair, index) => (index % 5 === 2 ? { ...pair, image: broken } : pair));
    const runs = await Promise.all([0, 2].map((threads) => take([0, 1, 2], threads, {}, some)));
    expect(runs[1]!.taken.map(content)).toEqual(runs[0]!.taken.map(content));
    for (const { batches, taken } of runs) {
      expect([...batches.skipped.keys()]).toEqual([broken]);
      expect(batches.skipped.get(broken)).toMatch(/not an image/);
      const shown = taken.flatMap(({ pictures }) => [...pictures]);
      expect(shown.some((picture) => picture % 5 === 2)).toBe(false);
    }
    const none = pairs.map((pair) => ({ ...pair, image: broken }));
    await expect(take([0], 0, {}, none)).rejects.toThrow('none of the pictures can be decoded');
  });

  test('similar pairs come together, in the same batches from the middle of a run', async () => {
    const likeness = await likenessOf(base, pairs, {
      device: 'cpu',
      threads: 1,
      onProgress: () => {},
    });
    const similar = { ...settings, similar: 4 };
    const open = () => openBatches(base, similar, pairs, { ...towers, likeness, threads: 0 });
    const whole = await open();
    const batches = [await whole.at(0), await whole.at(1)];
    await whole.release();
    const others = await open();
    expect((await others.at(1)).pictures).toEqual(batches[1]!.pictures);
    await others.release();
    const order = similarOrder(likeness, 4, Random.of(settings.seed, 0));
    expect([...batches[0]!.pictures]).toEqual([...order.subarray(0, 8)]);
  });

  test('a thread that fails says why; released batches finish what was asked and refuse more', async () => {
    const bad = { images: null } as unknown as SampleData;
    const pool = await openSamplePool(bad, { path: folder } as ModelFolder, 1);
    const error = await pool.make(0, [0]).catch((thrown: Error) => thrown);
    expect((error as Error).message).toMatch(/a thread that makes batches failed: .*tokenizer/);
    expect((error as Error).cause).toBeInstanceOf(Error);
    await pool.release();
    const batches = await openBatches(base, settings, pairs, { ...towers, threads: 1 });
    const coming = batches.at(0);
    await batches.release();
    expect((await coming).pictures).toHaveLength(8);
    await expect(batches.at(9)).rejects.toThrow('released');
  });
});
