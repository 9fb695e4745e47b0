// The trainer from files to files: it learns, resumes exactly, and says what is wrong with the data.

import { appendFile, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadDualEncoder, readModelFolder } from '#model';
import {
  evaluate,
  rankPairs,
  readPairs,
  RunFolder,
  train,
  TrainingInterrupted,
  type RunSettings,
  type TrainOptions,
} from '#training';
import { losses, quiet, tinyRun } from './whole-run';

let folder: string;
let settings: RunSettings;

beforeAll(async () => {
  ({ folder, settings } = await tinyRun(6, {
    epochs: 60,
    evaluateEvery: 30,
    batchSize: 18,
  }));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('train', () => {
  test('learns pictures it is held out from, and the result is a model folder', async () => {
    const run = new RunFolder(path.join(folder, 'run'));
    const report = await train(run, settings, quiet);
    expect(report.loss.last).toBeLessThan(report.loss.first / 2);
    expect(report.blend).toMatchObject({
      alpha: 1,
      trials: [],
      reason: expect.stringMatching(/no better than chance/),
    });
    const { before, after } = report.evaluation!;
    expect(after.pairs).toBe(18);
    expect(after.imageToText.r1).toBeGreaterThan(0.7);
    expect(after.imageToText.r1).toBeGreaterThan(before.imageToText.r1 + 0.4);

    const tuned = await readModelFolder(report.model);
    expect(tuned.config.logitScale).not.toBe(
      (await readModelFolder(settings.model)).config.logitScale,
    );
    const encoder = await loadDualEncoder(report.model, { threads: 1 });
    const again = await evaluate(encoder, await readPairs(settings.data));
    await encoder.dispose();
    expect(again.textToImage.r10).toBeGreaterThan(0.9);
  });

  test('an interrupted run goes on with the losses of an uninterrupted one', async () => {
    const short = { ...settings, epochs: 6, holdout: 0 };
    const whole = new RunFolder(path.join(folder, 'whole'));
    await train(whole, short, quiet);

    const parts = new RunFolder(path.join(folder, 'parts'));
    const stop = new AbortController();
    const onProgress: TrainOptions['onProgress'] = ({ done }) => done === 7 && stop.abort();
    await expect(
      train(parts, short, { ...quiet, onProgress, signal: stop.signal }),
    ).rejects.toThrow(TrainingInterrupted);
    // As after a kill: rows of steps that no checkpoint knows, the last one cut short.
    await appendFile(path.join(parts.path, 'metrics.jsonl'), '{"step":8,"loss":9}\n{"step":9,"lo');
    const reopened = await RunFolder.open(parts.path);
    await train(reopened.run, reopened.settings, quiet);
    expect(await losses(parts)).toEqual(await losses(whole));
  });

  test.each([undefined, 6])(
    'a frozen tower keeps its weights (micro-batch %s)',
    async (microBatch) => {
      const frozen = { ...settings, epochs: 8, freeze: 'image' as const, microBatch };
      const run = new RunFolder(path.join(folder, `frozen-${microBatch}`));
      const { model, loss } = await train(run, frozen, quiet);
      expect(loss.last).toBeLessThan(loss.first);
      const [before, after] = await Promise.all([
        readModelFolder(settings.model),
        readModelFolder(model),
      ]);
      const same = async (tower: 'visionModel' | 'textModel') =>
        (await readFile(before[tower])).equals(await readFile(after[tower]));
      expect(await same('visionModel')).toBe(true);
      expect(await same('textModel')).toBe(false);
    },
  );

  test('embeddings of a frozen tower serve all models that are measured', async () => {
    const pictures = path.join(folder, 'known');
    await mkdir(pictures);
    const pairs = await Promise.all(
      (await readPairs(settings.data)).slice(0, 12).map(async ({ image, captions }) => {
        const copy = path.join(pictures, path.basename(image));
        await copyFile(image, copy);
        return { image: copy, captions };
      }),
    );
    const encoder = await loadDualEncoder(settings.model, { threads: 1 });
    const known = { kind: 'image' as const, rows: new Map<string, Float32Array>() };
    const first = await rankPairs(encoder, pairs, () => {}, known);
    await rm(pictures, { recursive: true });
    expect(await rankPairs(encoder, pairs, () => {}, known)).toEqual(first);
    await expect(rankPairs(encoder, pairs)).rejects.toThrow(/none of 12 pictures can be read/);
    await encoder.dispose();
  });

  test('a picture that cannot be decoded is skipped and reported', async () => {
    const data = path.join(folder, 'pictures', 'broken.jsonl');
    await writeFile(path.join(folder, 'pictures', 'broken.png'), 'not a picture');
    const rows = await readFile(settings.data, 'utf8');
    await writeFile(data, `${rows}{"image": "broken.png", "caption": "nothing"}\n`);
    const once = { ...settings, data, epochs: 1, holdout: 0 };
    const run = new RunFolder(path.join(folder, 'broken'));
    const { skipped } = await train(run, { ...once, batchSize: 73 }, quiet);
    expect(skipped).toHaveLength(1);
    expect(skipped[0]!.image).toMatch(/broken\.png$/);
    expect(skipped[0]!.reason).toMatch(/not an image/i);
  });

  test('bad rows are named by file and line', async () => {
    const data = path.join(folder, 'bad.jsonl');
    const expectError = async (content: string, message: RegExp) => {
      await writeFile(data, content);
      await expect(readPairs(data)).rejects.toThrow(message);
    };
    await expectError(
      '{"image": "a.png", "caption": "x"}\n{"image": }\n',
      /bad\.jsonl: line 2 is not JSON/,
    );
    await expectError('{"image": "a.png"}\n', /bad\.jsonl: line 1 has no caption/);
    await expectError('{"image": "a.png", "caption": " "}\n', /bad\.jsonl: line 1 has no caption/);
    await expectError('\n', /holds no pictures with captions/);
    await expect(readPairs(path.join(folder, 'none.jsonl'))).rejects.toThrow(/cannot be read/);
  });

  test('pairs come from lists, from folders and from a collection', async () => {
    const pictures = path.join(folder, 'formats');
    await mkdir(pictures);
    const [a, b] = ['a.png', 'b.png'].map((name) => path.join(pictures, name));
    for (const file of [a!, b!]) await copyFile(path.join(folder, 'pictures/red bar 0.png'), file);
    const expected = [
      { image: a, captions: ['one'] },
      { image: b, captions: ['two', 'three'] },
    ];
    const csv = path.join(pictures, 'list.csv');
    await writeFile(csv, 'filepath,title\na.png,one\nb.png,two\nb.png,three\nb.png,two\n');
    expect(await readPairs(csv)).toEqual(expected);

    await writeFile(path.join(pictures, 'a.txt'), 'one\n');
    expect(await readPairs(pictures)).toEqual(expected.slice(0, 1));

    await writeFile(
      path.join(pictures, 'metadata.jsonl'),
      '{"file_name": "a.png", "text": "one"}\n{"file_name": "b.png", "captions": ["two", "three"]}\n',
    );
    expect(await readPairs(pictures)).toEqual(expected);
    vi.stubEnv('BIFOCAL_HOME', path.join(folder, 'home'));
    await expect(readPairs('collection:nothing')).rejects.toThrow(/nothing/);
    vi.unstubAllEnvs();
  });

  test('a folder that is not a model is not replaced', async () => {
    const run = new RunFolder(path.join(folder, 'target'));
    const out = path.join(folder, 'pictures');
    await expect(train(run, { ...settings, out }, quiet)).rejects.toThrow(/is not a model/);
    expect(await readPairs(settings.data)).toHaveLength(72);
  });

  test('too few pictures for a batch is said before anything runs', async () => {
    const run = new RunFolder(path.join(folder, 'few'));
    await expect(train(run, { ...settings, batchSize: 60 }, quiet)).rejects.toThrow(
      /leaves 54 different pictures to train on, fewer than a batch of 60/,
    );
  });
});
