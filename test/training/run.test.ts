// A run as its user has it: killed and resumed, stopped early, blended, read by transformers.js.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AutoTokenizer,
  CLIPTextModelWithProjection,
  CLIPVisionModelWithProjection,
  Tensor,
} from '@huggingface/transformers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadDualEncoder, readModelFolder } from '#model';
import { readModel } from '#onnx';
import {
  blendModels,
  evaluate,
  RunFolder,
  train,
  type RunSettings,
  type TrainReport,
} from '#training';
import { readData } from '../../services/training/data/data';
import { lastOfBest, type ValidationRow } from '../../services/training/validation';
import { quiet, tinyRun } from './whole-run';

let folder: string;
let settings: RunSettings;

beforeAll(async () => {
  ({ folder, settings } = await tinyRun(5, {
    epochs: 12,
    batchSize: 15,
    evaluateEvery: 5,
  }));
  await writeFile(path.join(settings.model, 'NOTICE'), 'whose it is');
  await writeFile(
    path.join(settings.model, 'README.md'),
    '---\nlicense: apache-2.0\n---\n\n# Base\n',
  );
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function rows<T>(run: string, name: string): Promise<T[]> {
  const content = await readFile(path.join(run, name), 'utf8').catch(() => '');
  const lines = content.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as T);
}

const losses = async (run: string) =>
  (await rows<{ loss: number }>(run, 'metrics.jsonl')).map(({ loss }) => loss);

/** Starts `bifocal train` and ends it by `signal` once it has done `steps` steps. */
async function interrupted(args: string[], run: string, steps: number, signal: NodeJS.Signals) {
  const bin = path.join(import.meta.dirname, '../../scripts/bin.mjs');
  const env = { ...process.env, BIFOCAL_HOME: path.join(folder, 'home'), BIFOCAL_THREADS: '1' };
  const child = spawn(process.execPath, [bin, 'train', '--device', 'cpu', ...args], { env });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let running = true;
  void ended.then(() => (running = false));
  while (running && (await rows(run, 'metrics.jsonl')).length < steps) await sleep(20);
  if (!running) throw new Error(`ended before it was told to: ${stderr}`);
  child.kill(signal);
  return { code: await ended, stderr };
}

test('killed and interrupted, it goes on with the losses and validations of a whole run', async () => {
  const whole = new RunFolder(path.join(folder, 'whole'));
  const report = await train(whole, settings, quiet);
  expect(report).toMatchObject({ steps: 36, stoppedEarly: false });
  expect(report.best!.step % 5 === 0 || report.best!.step === 36).toBe(true);
  expect(report.bestBytes).toBeLessThan(report.checkpointBytes / 2.5);

  const parts = new RunFolder(path.join(folder, 'parts'));
  await parts.begin(settings, 0);
  const resume = ['--resume', parts.path];
  const killed = await interrupted(resume, parts.path, 8, 'SIGKILL');
  expect(killed.code).toBeNull();
  const stopped = await interrupted(resume, parts.path, 17, 'SIGINT');
  expect(stopped.code).toBe(1);
  expect(stopped.stderr).toMatch(
    /stopped (after step \d+ of 36|while evaluating); go on with --resume .*parts/,
  );
  const { run, settings: reopened } = await RunFolder.open(parts.path);
  expect(reopened).toEqual(settings);
  const resumed = await train(run, reopened, quiet);

  const [a, b] = await Promise.all([losses(whole.path), losses(parts.path)]);
  expect(b).toHaveLength(36);
  b.forEach((loss, step) => expect(Math.abs(loss - a[step]!)).toBeLessThanOrEqual(1e-6));
  expect(await rows(parts.path, 'validation.jsonl')).toEqual(
    await rows(whole.path, 'validation.jsonl'),
  );
  expect(resumed.best).toEqual(report.best);
  expect(resumed.evaluation).toEqual(report.evaluation);
}, 300_000);

test('the last weights are taken that are as good as the best by its standard error', () => {
  const taken = (recalls: number[], pictures: number) => {
    const rows = recalls.map((meanRecall, step) => ({ step, meanRecall }) as ValidationRow);
    return lastOfBest(rows, pictures)?.step;
  };
  expect(taken([], 20)).toBeUndefined();
  expect(taken([0.65, 0.53, 0.58], 20)).toBe(2);
  expect(taken([0.65, 0.58, 0.53], 20)).toBe(1);
  expect(taken([0.65, 0.58, 0.58], 1000)).toBe(0);
  expect(taken([0.5, 0.65, 0.64], 1000)).toBe(2);
  expect(taken([1, 0.99], 20)).toBe(0);
});

test('stops when validations bring nothing better; resumed, it has nothing left to do', async () => {
  const still = { ...settings, learningRate: 1e-12, evaluateEvery: 1, patience: 2, holdout: 0.2 };
  const run = new RunFolder(path.join(folder, 'early'));
  const report = await train(run, still, quiet);
  expect(report).toMatchObject({ steps: 3, stoppedEarly: true, best: { step: 3 } });
  const again = await train(run, still, quiet);
  expect(again).toMatchObject({ steps: 3, stoppedEarly: true, evaluation: report.evaluation });
  expect(await losses(run.path)).toHaveLength(3);
});

test('two processes cannot train in one folder, nor into one model', async () => {
  const busy = new RunFolder(path.join(folder, 'busy'));
  const out = path.join(folder, 'busy-out');
  const stop = new AbortController();
  const long = { ...settings, epochs: 1000, out };
  let begun = () => {};
  const training = new Promise<void>((resolve) => (begun = resolve));
  const first = train(busy, long, {
    ...quiet,
    signal: stop.signal,
    onProgress: ({ phase }) => phase === 'train' && begun(),
  });
  await training;
  await expect(train(busy, settings, quiet)).rejects.toThrow(/another process is training into/);
  const other = new RunFolder(path.join(folder, 'other'));
  await expect(train(other, { ...settings, out }, quiet)).rejects.toThrow(/busy-out; wait for it/);
  expect(existsSync(other.path)).toBe(false);
  stop.abort();
  await expect(first).rejects.toThrow(/go on with --resume/);
  expect((await readdir(folder)).filter((name) => name.endsWith('.lock'))).toEqual([]);
});

test('a run that cannot start leaves no folder', async () => {
  const run = new RunFolder(path.join(folder, 'none'));
  await expect(train(run, { ...settings, batchSize: 1000 }, quiet)).rejects.toThrow(/fewer than/);
  const own = { ...settings, out: settings.model };
  await expect(train(run, own, quiet)).rejects.toThrow(/--out is the base model/);
  expect(existsSync(run.path)).toBe(false);
});

describe('the tuned model', () => {
  let tuned: string;
  let run: RunFolder;
  let report: TrainReport;
  beforeAll(async () => {
    run = new RunFolder(path.join(folder, 'tuned'));
    const pictures = path.join(folder, 'pictures');
    const all = (await readFile(path.join(pictures, 'data.jsonl'), 'utf8')).split('\n');
    const retention = path.join(pictures, 'retention.jsonl');
    await writeFile(retention, all.filter((_, index) => index % 5 === 0).join('\n'));
    report = await train(run, { ...settings, retention, epochs: 10, test: 0.2 }, quiet);
    tuned = report.model;
  });

  test('is measured on pictures that it was neither trained on nor chosen by', async () => {
    const { train: seen, validation, test: unseen } = await readData({ ...settings, test: 0.2 });
    expect([seen.length, validation.length, unseen.length]).toEqual([33, 15, 12]);
    for (const [model, figures] of [
      [settings.model, report.test!.before],
      [tuned, report.test!.after],
    ] as const) {
      const encoder = await loadDualEncoder(model, { threads: 1 });
      expect(await evaluate(encoder, unseen)).toEqual(figures);
      await encoder.dispose();
    }
    expect(await readFile(path.join(tuned, 'README.md'), 'utf8')).toMatch(
      /On test pictures\n\n12 /,
    );
  });

  test('is read by transformers.js, with the same embeddings', async () => {
    const local = { local_files_only: true, dtype: 'fp32' } as const;
    const encoder = await loadDualEncoder(tuned, { threads: 1 });
    const texts = ['a red circle', 'a black bar'];
    const tokenizer = await AutoTokenizer.from_pretrained(tuned, local);
    const text = await CLIPTextModelWithProjection.from_pretrained(tuned, local);
    const { text_embeds } = await text(tokenizer(texts, { padding: true, truncation: true }));
    await expectSame(await encoder.encodeTexts(texts), text_embeds as Tensor);

    const pictures = ['red circle 0.png', 'black bar 1.png'].map((name) =>
      path.join(folder, 'pictures', name),
    );
    const pixels = await Promise.all(pictures.map((file) => encoder.preprocess(file)));
    const { width, height } = (await readModelFolder(tuned)).preprocessing;
    const data = Float32Array.from(pixels.flatMap((one) => [...one]));
    const vision = await CLIPVisionModelWithProjection.from_pretrained(tuned, local);
    const { image_embeds } = await vision({
      pixel_values: new Tensor('float32', data, [2, 3, height, width]),
    });
    await expectSame(await encoder.encodePixels(pixels), image_embeds as Tensor);
    await Promise.all([encoder.dispose(), text.dispose(), vision.dispose()]);
  });

  test('has a card with figures, and the licence and notice of its base', async () => {
    const card = await readFile(path.join(tuned, 'README.md'), 'utf8');
    expect(card).toMatch(
      /^---\nbase_model: base\nlicense: apache-2.0\nlibrary_name: transformers\.js/,
    );
    expect(card).toMatch(/words → pictures, recall@1 +\| .*\(.* to .*\)/);
    expect(card).toMatch(/On the retention set/);
    expect(card).not.toContain(folder);
    expect(await readFile(path.join(tuned, 'NOTICE'), 'utf8')).toBe('whose it is');
    expect(await readdir(run.path)).not.toContain('trial');
  });

  test('blended by hand, is base and tuned weights in their shares', async () => {
    const [a, b] = await Promise.all([readModelFolder(settings.model), readModelFolder(tuned)]);
    const out = path.join(folder, 'blended');
    await blendModels(a, b, 0.25, out);
    const blended = await readModelFolder(out);
    const files = [a, b, blended].map(({ visionModel }) => readModel(visionModel));
    const [from, to, between] = (await Promise.all(files)).map(({ graph }) => graph.initializers);
    for (const [name, { data }] of between!) {
      if (!(data instanceof Float32Array)) continue;
      const [x, y] = [from!.get(name)!.data, to!.get(name)!.data] as Float32Array[];
      data.forEach((value, index) =>
        expect(value).toBeCloseTo(0.75 * x![index]! + 0.25 * y![index]!, 5),
      );
    }
    const scale = 0.75 * a.config.logitScale + 0.25 * b.config.logitScale;
    expect(blended.config.logitScale).toBeCloseTo(scale, 5);
    await expect(blendModels(a, b, 0.5, a.path)).rejects.toThrow(/one of the models/);
    const other = await readModelFolder('starter');
    await expect(blendModels(a, other, 0.5, out)).rejects.toThrow(/text towers differ in/);
  });
});

/** Ours are normalised, theirs are not. */
async function expectSame(ours: Float32Array[], theirs: Tensor): Promise<void> {
  const vectors = theirs.tolist() as number[][];
  expect(vectors).toHaveLength(ours.length);
  ours.forEach((vector, row) => {
    const norm = Math.hypot(...vectors[row]!);
    vector.forEach((value, index) => expect(value).toBeCloseTo(vectors[row]![index]! / norm, 5));
  });
}
