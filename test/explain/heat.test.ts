// Heat maps: on pictures of two things side by side the heat lies on the one that was asked for. Any tower
// that keeps a grid of places has one.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDualEncoder, type DualEncoder, type Preprocessing } from '#model';
import { ExplainerProcess, renderHeat, seenPart } from '#explain';
import { Explainer } from '../../services/explain/explainer';
import { valueAt, type HeatMap } from '../../services/explain/heat-map';
import { createTinyModel } from '../engine/tiny-model';

const assets = path.resolve('node_modules/@lobehub/fluent-emoji-3d/assets');
const THINGS = {
  guitar: '1f3b8',
  dog: '1f415',
  bicycle: '1f6b2',
  airplane: '2708-fe0f',
  house: '1f3e0',
  banana: '1f34c',
  snowman: '26c4',
  key: '1f511',
};
const PAIRS = [
  ['dog', 'bicycle'],
  ['guitar', 'house'],
  ['airplane', 'banana'],
  ['key', 'snowman'],
] as const;
type Thing = keyof typeof THINGS;

async function thing(name: Thing): Promise<Buffer> {
  const file = path.join(assets, `${THINGS[name]}.webp`);
  return sharp(await readFile(file))
    .resize(112, 112)
    .png()
    .toBuffer();
}

/** Two things on white. */
async function sideBySide(left: Thing, right: Thing): Promise<Buffer> {
  const create = { width: 256, height: 256, channels: 3 as const, background: '#ffffff' };
  const parts = [
    { input: await thing(left), left: 8, top: 72 },
    { input: await thing(right), left: 136, top: 72 },
  ];
  return sharp({ create }).composite(parts).png().toBuffer();
}

/** The share of the heat that lies on one half. */
function shareOf({ values, columns }: HeatMap, side: 'left' | 'right'): number {
  const total = values.reduce((sum, value) => sum + value, 0);
  const own = values.filter((_, at) => at % columns < columns / 2 === (side === 'left'));
  return own.reduce((sum, value) => sum + value, 0) / total;
}

describe('with the starter', () => {
  let encoder: DualEncoder;
  let explainer: Explainer;
  beforeAll(async () => {
    [encoder, explainer] = [await loadDualEncoder('starter'), await Explainer.open('starter')];
  });
  afterAll(async () => {
    await explainer.close();
    await encoder.dispose();
  });

  it('lies on the thing that was asked for', async () => {
    const shares: number[] = [];
    for (const [left, right] of PAIRS) {
      const both = await sideBySide(left, right);
      const [one, other] = await encoder.encodeTexts([left, right]);
      shares.push(shareOf(await explainer.heat(both, one!), 'left'));
      shares.push(shareOf(await explainer.heat(both, other!), 'right'));
    }
    expect(shares.filter((share) => share > 0.5).length).toBeGreaterThanOrEqual(7);
    expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeGreaterThan(0.65);
  });

  it('says the same from a process of its own, which says why it cannot', async () => {
    const process = new ExplainerProcess();
    try {
      const picture = path.join(assets, `${THINGS.guitar}.webp`);
      const query = (await encoder.encodeTexts(['guitar']))[0]!;
      const { map } = await process.ask({ model: encoder.folder, picture, query });
      const own = await explainer.heat(picture, query);
      expect([map.rows, map.columns]).toEqual([own.rows, own.columns]);
      own.values.forEach((value, at) => expect(map.values[at]).toBeCloseTo(value, 4));
      const none = { model: encoder.folder, picture: 'package.json', query };
      await expect(process.ask(none)).rejects.toMatchObject({ name: 'ImageError' });
      await expect(process.ask({ ...none, model: '/nowhere' })).rejects.toThrow(/nowhere/);
    } finally {
      process.close();
    }
  });
});

describe('a vision transformer', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'bifocal-explain-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has a map too: behind its last block only the class token counts, so an earlier one is looked at', async () => {
    await createTinyModel(folder);
    const explainer = await Explainer.open(folder);
    const query = new Float32Array(16).fill(0.25);
    const map = await explainer.heat(await sideBySide('dog', 'key'), query);
    await explainer.close();
    expect([map.rows, map.columns]).toEqual([4, 4]);
    expect(Math.max(...map.values)).toBe(1);
    expect(new Set(map.values).size).toBeGreaterThan(4);
  });
});

describe('drawn', () => {
  const map: HeatMap = { rows: 1, columns: 2, values: new Float32Array([0, 1]) };
  const square: Preprocessing = {
    width: 64,
    height: 64,
    resize: { shortestEdge: 64 },
    crop: true,
    kernel: 'cubic',
    rescale: 1 / 255,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  };

  it('is between the middles of cells what lies between their values', () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((x) => valueAt(map, x, 0.3))).toEqual([0, 0, 0.5, 1, 1]);
  });

  it('covers what the model sees of the picture: the middle, or all of it', async () => {
    const wide = { width: 800, height: 400 };
    expect(seenPart(wide, square)).toEqual({ left: 0.25, top: 0, width: 0.5, height: 1 });
    const whole = { left: 0, top: 0, width: 1, height: 1 };
    expect(seenPart(wide, { ...square, resize: { width: 64, height: 64 } })).toEqual(whole);
    const layer = await renderHeat(map, wide, square);
    const { data, info } = await sharp(layer).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([320, 160, 4]);
    const at = (x: number) => [...data.subarray(4 * (80 * 320 + x), 4 * (80 * 320 + x) + 4)];
    // Outside, dark; on the left of the middle part, dark; on its right, warm.
    for (const x of [20, 100, 300]) expect(at(x)[3]).toBeGreaterThan(120);
    expect(at(100)[0]).toBeLessThan(60);
    expect(at(220)[0]).toBeGreaterThan(200);
  });
});
