// What tests of whole runs share: a tiny model and drawn shapes in a folder, options, and the losses.

import { mkdtemp, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { RUN_DEFAULTS, type RunFolder, type RunSettings, type TrainOptions } from '#training';
import { createTinyModel } from '../engine/tiny-model';
import { writeShapes } from './shapes';

/** Options of a run that tells nobody and saves only at its end. */
export const quiet: TrainOptions = {
  device: 'cpu',
  threads: 1,
  checkpointSeconds: 3600,
  onProgress: () => {},
  onNote: () => {},
};

/** A new folder with a tiny model, and `variants` pictures of each shape to train it on. */
export async function tinyRun(
  variants: number,
  more: Partial<RunSettings> & Pick<RunSettings, 'epochs' | 'batchSize'>,
): Promise<{ folder: string; settings: RunSettings }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bifocal-run-'));
  const model = path.join(folder, 'base');
  await createTinyModel(model);
  const data = await writeShapes(path.join(folder, 'pictures'), variants);
  const settings = { ...RUN_DEFAULTS, model, data, holdout: 0.25, learningRate: 3e-3, seed: 4 };
  return { folder, settings: { ...settings, ...more } };
}

/** The loss of each step. */
export async function losses(run: RunFolder): Promise<number[]> {
  const rows = (await readFile(path.join(run.path, 'metrics.jsonl'), 'utf8')).trim().split('\n');
  return rows.map((row) => (JSON.parse(row) as { loss: number }).loss);
}
