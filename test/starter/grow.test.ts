// A deeper image tower that goes on from a shallower one.

import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadDualEncoder, readModelFolder } from '#model';
import { readModel } from '#onnx';
import { RunFolder, train } from '#training';
import { growModel } from '../../scripts/starter/grow';
import { createTinyModel } from '../engine/tiny-model';
import { quiet, tinyRun } from '../training/whole-run';

const SIDE = 32;
const SMALL = {
  model_type: 'resnet',
  image_size: SIDE,
  embedding_size: 4,
  hidden_sizes: [8, 8],
  depths: [0, 1],
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'bifocal-grow-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function embed(model: string): Promise<Float32Array[]> {
  const encoder = await loadDualEncoder(model);
  const pixels = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, at) => Math.sin(at / 7));
  const embeddings = [
    ...(await encoder.encodePixels([pixels, pixels.map((value) => value ** 2)])),
    ...(await encoder.encodeTexts(['a cat', 'a dog'])),
  ];
  await encoder.dispose();
  return embeddings;
}

it('embeds as before, with more weights, all of which can learn', async () => {
  const small = path.join(folder, 'small');
  const large = path.join(folder, 'large');
  await createTinyModel(small, 1, SMALL);
  await growModel(small, { depths: [1, 3], spatial_size: 4 }, 2, large);
  const [before, after] = [await embed(small), await embed(large)];
  expect(before[0]).not.toEqual(before[1]);
  after.forEach((embedding, at) =>
    embedding.forEach((value, of) => expect(value).toBeCloseTo(before[at]![of]!, 5)),
  );
  const grown = (await readModel((await readModelFolder(large)).visionModel)).graph;
  expect(grown.nodes.filter(({ op }) => op === 'Conv')).toHaveLength(1 + 2 + 2 * 4);

  const { folder: runs, settings } = await tinyRun(8, { epochs: 2, batchSize: 16 });
  const run = new RunFolder(path.join(runs, 'run'));
  const report = await train(run, { ...settings, model: large }, quiet);
  const learned = (await readModel((await readModelFolder(report.model)).visionModel)).graph;
  const weights = [...grown.initializers].filter(([, { dataType }]) => dataType === 'float32');
  expect(weights.length).toBeGreaterThan(20);
  const still = weights.filter(
    ([name, { data }]) => learned.initializers.get(name)!.data.join() === data.join(),
  );
  expect(still.map(([name]) => name)).toEqual([]);
  await rm(runs, { recursive: true });
});
