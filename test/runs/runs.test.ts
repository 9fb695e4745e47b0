// Runs read from their folders: what state they are in, how far they are, what their logs say.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { tryLock } from '#catalog';
import { openRuns, UnknownRun } from '#runs';

const SETTINGS = { model: 'starter', data: 'collection:pets', epochs: 2.5, batchSize: 8 };
const NAME = '20260105-101112-77';

async function dataFolder(): Promise<string> {
  const home = await mkdtemp(path.join(tmpdir(), 'bifocal-runs-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  return home;
}

async function makeRun(home: string, name: string, files: Record<string, unknown>): Promise<void> {
  const folder = path.join(home, 'runs', name);
  await mkdir(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(path.join(folder, file), text);
  }
}

const lines = (rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const metrics = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    step: i + 1,
    loss: i % 2 === 0 ? 4 : 2,
    gradientNorm: 1,
    learningRate: 0.001,
  }));
const validation = (step: number, meanRecall: number) => ({
  step,
  meanRecall,
  textToImage: { r1: 0.1, r5: 0.2, r10: 0.3 },
  imageToText: { r1: 0.1, r5: 0.2, r10: 0.3 },
  imageSpread: { cosine: 0.1, rank: 3 },
});
const split = { split: { train: 80, validation: 20, test: 0 }, batch: { stepsPerEpoch: 10 } };

it('tells a run that was stopped, how far it came, and what it had reached', async () => {
  const home = await dataFolder();
  const ranks = { textToImage: { ranks: [1, 2, 7, 30] }, imageToText: { ranks: [1, 1, 11, 40] } };
  await makeRun(home, NAME, {
    'settings.json': SETTINGS,
    'metrics.jsonl': `${lines(metrics(12))}{"step":13,"lo`,
    'validation.jsonl': lines([validation(5, 0.3), validation(10, 0.25)]),
    'data-report.json': split,
    'before.json': { validation: ranks },
  });
  const [run] = await openRuns(home).list();
  // Of 4: at 1, 5, 10 from words 1, 2, 3, from pictures 2, 2, 2.
  expect(run!.recall.before).toBeCloseTo(12 / 24, 10);
  expect(run).toMatchObject({
    name: NAME,
    state: 'stopped',
    startedAt: '2026-01-05T10:11:12.000Z',
    model: 'starter',
    data: 'collection:pets',
    pictures: 80,
    step: 12,
    steps: 25,
    loss: 2,
    recall: { best: 0.3, after: null },
    output: null,
  });
});

it('tells a run that a process works on, and one that is done', async () => {
  const home = await dataFolder();
  await makeRun(home, NAME, { 'settings.json': SETTINGS });
  const unlock = tryLock(path.join(home, 'runs', `${NAME}.lock`))!;
  expect((await openRuns(home).get(NAME)).state).toBe('running');
  unlock();
  // The file of a lock whose process was killed stays.
  expect((await openRuns(home).get(NAME)).state).toBe('stopped');
  const mean = (value: number) => ({ meanRecall: { value } });
  const report = { evaluation: { before: mean(0.2), after: mean(0.6) } };
  await makeRun(home, NAME, { 'report.json': report });
  expect(await openRuns(home).get(NAME)).toMatchObject({
    state: 'done',
    recall: { before: 0.2, after: 0.6 },
    output: path.join(home, 'runs', NAME, 'model'),
    report,
  });
});

it('thins long curves without losing their ends or their range', async () => {
  const home = await dataFolder();
  await makeRun(home, NAME, {
    'settings.json': SETTINGS,
    'metrics.jsonl': lines(metrics(4001)),
    'validation.jsonl': lines([validation(40, 0.5)]),
  });
  const { curves } = await openRuns(home).get(NAME);
  expect(curves.metrics.length).toBeLessThanOrEqual(400);
  expect(curves.metrics.length).toBeGreaterThan(300);
  expect(curves.metrics.at(-1)!.step).toBe(4001);
  expect(curves.metrics[0]).toMatchObject({ low: 2, high: 4 });
  expect(curves.metrics[1]!.loss).toBeCloseTo(3, 0);
  const row = { step: 40, meanRecall: 0.5, textToImage: { r1: 0.1, r5: 0.2, r10: 0.3 } };
  expect(curves.validation).toMatchObject([row]);
});

it('is of no run outside its folder, and of none that is not there', async () => {
  const home = await dataFolder();
  await makeRun(home, NAME, { 'settings.json': SETTINGS });
  await makeRun(home, 'notes', { 'readme.txt': 'mine' });
  expect((await openRuns(home).list()).map(({ name }) => name)).toEqual([NAME]);
  for (const name of ['..', `../runs/${NAME}`, 'notes', 'nowhere', '']) {
    await expect(openRuns(home).get(name)).rejects.toThrow(UnknownRun);
  }
  expect(await openRuns(await dataFolder()).list()).toEqual([]);
});
