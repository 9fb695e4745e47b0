// The data report: findings that were planted in a set, closed forms against counting, memory by hand.

import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readModelFolder, type ModelFolder } from '#model';
import { GraphBuilder } from '#onnx';
import { Random } from '#random';
import { dataReport, RUN_DEFAULTS, type DataReport, type AskedSettings } from '#training';
import { describeDataReport } from '../../scripts/data-report';
import { expectedFalseNegatives } from '../../services/training/report/false-negatives';
import { peakBytes } from '../../services/training/report/memory';
import type { Pair } from '../../services/training/data/pairs';
import { choose } from '../../services/training/data/words';
import { languageShares } from '../../services/training/report/languages';
import { createTinyModel } from '../engine/tiny-model';
import { writeShapes } from './shapes';

let folder: string;
let base: ModelFolder;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'bifocal-report-'));
  await createTinyModel(path.join(folder, 'base'));
  base = await readModelFolder(path.join(folder, 'base'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A picture with something on it, unlike any other seed's. */
async function drawing(seed: number): Promise<Buffer> {
  const random = new Random(seed);
  const dots = Array.from({ length: 14 }, () => {
    const [x, y, r] = [random.below(128), random.below(128), 6 + random.below(22)];
    const colour = `hsl(${random.below(360)} 80% ${30 + random.below(40)}%)`;
    return `<circle cx="${x}" cy="${y}" r="${r}" fill="${colour}"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="128" height="128"><rect width="128" height="128" fill="white"/>${dots.join('')}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

describe('a set with everything wrong', () => {
  let report: DataReport;
  let settings: AskedSettings;
  const at = (name: string) => path.join(folder, name);

  beforeAll(async () => {
    const rows: object[] = [];
    for (let index = 0; index < 12; index++) {
      await writeFile(at(`${index}.png`), await drawing(index));
      rows.push({ image: `${index}.png`, caption: index < 3 ? 'three alike' : `number ${index}` });
    }
    // The same bytes twice; the same picture smaller and as JPEG; trained on and held out.
    await copyFile(at('4.png'), at('4 again.png'));
    await sharp(at('5.png')).resize(100, 100).jpeg({ quality: 80 }).toFile(at('5.jpg'));
    await sharp(at('6.png')).resize(90, 90).jpeg({ quality: 80 }).toFile(at('6 held.jpg'));
    await copyFile(at('7.png'), at('7 held.png'));
    await writeFile(at('broken.png'), 'no picture');
    rows.push({ image: '4 again.png', caption: '4 on the left' });
    rows.push({ image: '5.jpg', caption: 'five' });
    rows.push({ image: 'broken.png', caption: 'broken' });
    rows.push({ image: 'gone.png', caption: 'gone' });
    rows.push({ image: '8.png', caption: '   ' });
    rows.push({ image: '9.png', caption: 'number 9' });
    rows.push({ image: '10.png', caption: 'very '.repeat(40) });
    rows.push({ image: '11.png', caption: 'номер' });
    await writeFile(at('data.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
    const held = [
      { image: '6 held.jpg', caption: 'six' },
      { image: '7 held.png', caption: 'three alike' },
      { image: '8.png', caption: 'eight' },
    ];
    await writeFile(at('held.jsonl'), held.map((row) => JSON.stringify(row)).join('\n'));
    settings = {
      ...RUN_DEFAULTS,
      epochs: 10,
      learningRate: 1e-4,
      model: base.path,
      data: at('data.jsonl'),
      validation: at('held.jsonl'),
      batchSize: 4,
    };
    report = await dataReport(settings, base, {
      decode: true,
      cost: { device: 'cpu', threads: 1 },
      onProgress: () => {},
    });
  });

  test('rows, pictures and captions are counted', () => {
    const { data } = report;
    expect(data).toMatchObject({ rows: 20, repeated: 1, pictures: 16 });
    expect(data.empty).toEqual({ count: 1, first: ['line 17'] });
    expect(data.shared).toEqual({ count: 1, first: [{ caption: 'three alike', pictures: 3 }] });
    expect(data.captions).toMatchObject({ count: 18, different: 16 });
    expect(data.captions.perPicture).toEqual({ least: 1, mean: 18 / 16, most: 2 });
  });

  test('missing, unreadable, equal and similar pictures are named', () => {
    const { data } = report;
    expect(data.missing).toEqual({
      count: 1,
      first: [{ image: at('gone.png'), reason: 'no such file' }],
    });
    expect(data.unreadable!.first.map(({ image }) => image)).toEqual([at('broken.png')]);
    expect(data.equal).toEqual({ count: 1, first: [[at('4.png'), at('4 again.png')]] });
    expect(data.lookAlikes).toEqual({ count: 1, first: [[at('5.png'), at('5.jpg')]] });
    // Without the missing, the unreadable and the second of two equal files.
    expect(report.split).toEqual({ train: 13, validation: 3, test: 0 });
  });

  test('overlong captions and languages are told', () => {
    const { overlong, tokens, languages } = report.data;
    expect(overlong.count).toBe(1);
    expect(overlong.first[0]!.tokens).toBe(tokens.most);
    expect(overlong.first[0]!.tokens).toBeGreaterThan(tokens.context);
    expect(languages[0]).toMatchObject({ language: 'en' });
  });

  test('what is on both sides is named by path, content and look', () => {
    expect(report.leakage).toEqual({
      paths: { count: 1, first: [at('8.png')] },
      contents: { count: 1, first: [[at('7 held.png'), at('7.png')]] },
      lookAlikes: { count: 1, first: [[at('6 held.jpg'), at('6.png')]] },
      captions: 1,
    });
  });

  test('mirroring is off because of a caption, which is quoted', () => {
    expect(report.flip).toEqual({
      flip: false,
      reason: '1 of 14 captions name a side or letters: "4 on the left"',
    });
  });

  test('costs come from the graphs and from real steps', () => {
    const { trained, weights, bytes, steps, measured } = report.estimate!;
    // All but constants such as positions.
    expect(trained).toBeLessThanOrEqual(weights);
    expect(trained).toBeGreaterThan(0.9 * weights);
    expect(bytes.training).toBe(16 * trained);
    expect(bytes.activations).toBeGreaterThan(0);
    expect(steps).toBe(30);
    expect(measured!.seconds).toBeCloseTo(30 * measured!.secondsPerStep, 6);
  });

  test('people get a table, and nothing was written', async () => {
    const text = describeDataReport(report);
    expect(text).toMatch(/missing +1: \S+gone\.png \(no such file\)/);
    expect(text).toMatch(/mirroring +off: 1 of 14 captions/);
    expect(text).toMatch(/rows without caption +1: line 17/);
    expect(text).not.toMatch(/undefined|NaN|\[object/);
    await expect(readFile(at('settings.json'))).rejects.toThrow();
  });
});

test('a sound set has no findings', async () => {
  const data = await writeShapes(path.join(folder, 'shapes'), 1);
  const settings = {
    ...RUN_DEFAULTS,
    learningRate: 1e-4,
    model: base.path,
    data,
    holdout: 0.25,
    batchSize: 3,
  };
  const report = await dataReport(settings, base, { decode: false, onProgress: () => {} });
  expect(report.data).toMatchObject({ rows: 12, repeated: 0, pictures: 12, unreadable: null });
  for (const key of ['empty', 'missing', 'equal', 'shared', 'overlong'] as const) {
    expect(report.data[key].count).toBe(0);
  }
  expect(report.leakage).toMatchObject({
    paths: { count: 0 },
    contents: { count: 0 },
    captions: 0,
  });
  expect(report.batch).toMatchObject({ sharedCaptions: 0, stepsPerEpoch: 3 });
  expect(report.flip.flip).toBe(true);
});

describe('expected false negatives', () => {
  const pairs: Pair[] = [['a', 'b'], ['a'], ['b', 'c', 'd'], ['e'], ['a', 'e'], ['f'], ['g']].map(
    (captions, index) => ({ image: `${index}`, captions }),
  );

  test.each([
    [2, 1],
    [4, 1],
    [5, 2],
  ])('in batches of %s with %s captions are what counting finds', (size, captions) => {
    const random = new Random(1);
    let [shared, alike] = [0, 0];
    const trials = 8_000;
    for (let trial = 0; trial < trials; trial++) {
      const batch = [...random.permutation(pairs.length).subarray(0, size)];
      for (const i of batch) {
        for (const j of batch) {
          if (i === j) continue;
          const said = choose(pairs[j]!.captions, captions, random);
          shared += said.filter((caption) => pairs[i]!.captions.includes(caption)).length;
        }
      }
      alike += Number(batch.includes(5) && batch.includes(6));
    }
    // 0 and 1 look alike too, but share a caption.
    const expected = expectedFalseNegatives(pairs, size, captions, [
      [5, 6],
      [0, 1],
    ]);
    expect(Math.abs(expected.sharedCaptions / (shared / trials) - 1)).toBeLessThan(0.05);
    expect(Math.abs(expected.lookAlikes / (alike / trials) - 1)).toBeLessThan(0.1);
    expect(expected.negatives).toBe(size * (size - 1) * captions);
  });
});

/** CLDR's names of emoji: a word or three each, as labels and titles are. */
async function emojiNames(language: string): Promise<string[]> {
  const file = `node_modules/cldr-annotations-full/annotations/${language}/annotations.json`;
  const { annotations } = JSON.parse(await readFile(file, 'utf8')) as {
    annotations: { annotations: Record<string, { tts?: string[] }> };
  };
  return Object.values(annotations.annotations).flatMap(({ tts }) => tts?.[0] ?? []);
}

describe('languages', () => {
  test.each(['en', 'de', 'fr', 'es', 'ru', 'uk', 'ja', 'ar'])('%s', async (language) => {
    const [first] = await languageShares(await emojiNames(language));
    expect(first!.language).toBe(language);
    expect(first!.share).toBeGreaterThan(0.75);
  });

  test('of a mixed set come in their shares; what is too short is not told', async () => {
    const [english, german] = await Promise.all(['en', 'de'].map(emojiNames));
    const shares = await languageShares([...english!.slice(0, 900), ...german!.slice(0, 300)]);
    expect(shares.slice(0, 2).map(({ language }) => language)).toEqual(['en', 'de']);
    expect(shares[1]!.share).toBeGreaterThan(0.15);
    expect(shares[1]!.share).toBeLessThan(0.35);
    expect(await languageShares(['1', '2'])).toEqual([{ language: null, share: 1 }]);
    expect(await languageShares([])).toEqual([]);
  });
});

test('memory is the most that is alive at once', () => {
  const b = new GraphBuilder('memory');
  const x = b.input('x', 'float32', [10]);
  const one = b.op('Exp', [x]);
  const two = b.op('Exp', [one]);
  const three = b.op('Add', [one, two]);
  const last = b.op('Exp', [three]);
  b.output(b.op('Exp', [last]), 'y', 'float32', [10]);
  // While `three` is made, `one` and `two` are there: three vectors of 10 floats.
  expect(peakBytes(b, new Set())).toBe(120);
  expect(peakBytes(b, new Set([two]))).toBe(80);
});
