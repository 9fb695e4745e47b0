// The starter model's whole recipe, `npm run starter:train`: data, tokenizer, training.
// Stopped at any moment, it goes on from its last checkpoint when started again.
// `--steps N` makes it shorter or longer, also of a run that has begun; `--threads N` takes other than all cores.

import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { config } from '#config';
import { createModel } from '#model';
import { RunFolder, train, type AskedSettings } from '#training';
import { Output } from '../output';
import type { Row } from './data';

const SEED = 1;
/** Steps in all, of so many pictures each. */
const STEPS = 3120;
const BATCH = 128;
/**
 * The first stage learns from the drawings as they are; its share of the steps. The second sees the scenes
 * too, and more captions of each picture.
 */
const DRAWINGS = 0.51;
const CAPTIONS = [2, 4] as const;
const LEARNING_RATE = 1e-3;
const WARMUP = [200, 50] as const;
/** Over this share of the second stage's steps the learning rate falls; before, it is constant. */
const DECAY = 0.5;

const { home, root, threads, device } = config();
const folder = path.join(home, 'starter');
const base = path.join(folder, 'base');
const output = new Output(false);

const options = { steps: { type: 'string' }, threads: { type: 'string' } } as const;
const asked = z
  .object({
    steps: z.coerce.number().int().min(10).default(STEPS),
    threads: z.coerce.number().int().min(1).default(threads),
  })
  .parse(parseArgs({ options }).values);

await import('./data');
await import('./tokenizer');
if (!existsSync(base)) {
  const architecture = await readFile(path.join(root, 'scripts/starter/model.json'), 'utf8');
  const tokenizer = path.join(folder, 'tokenizer');
  await createModel(base, { config: JSON.parse(architecture), tokenizer, seed: SEED });
}
const rows = (await readFile(path.join(folder, 'train.jsonl'), 'utf8')).trim().split('\n');
const drawings = rows.filter((row) => (JSON.parse(row) as Row).image.startsWith('pictures'));
await writeFile(path.join(folder, 'drawings.jsonl'), drawings.map((row) => `${row}\n`).join(''));
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

const first = Math.ceil(asked.steps * DRAWINGS);
const second = asked.steps - first;
const plain = await stage('drawings', base, drawings.length, first, {
  captionsPerPicture: CAPTIONS[0],
  warmupSteps: Math.min(WARMUP[0], first),
  decaySteps: 1,
});
const model = await stage('train', plain, rows.length, second, {
  captionsPerPicture: CAPTIONS[1],
  warmupSteps: Math.min(WARMUP[1], second),
  decaySteps: Math.ceil(second * DECAY),
});
const result = path.join(folder, 'model');
await rm(result, { recursive: true, force: true });
await cp(model, result, { recursive: true });
output.note(`the model is in ${result}; npm run starter:evaluate -- --model ${result} measures it`);

/** Trains on a list of the data set, from a model and to its end; gives the folder of what came out. */
async function stage(
  name: string,
  model: string,
  pictures: number,
  steps: number,
  own: Pick<AskedSettings, 'captionsPerPicture' | 'warmupSteps' | 'decaySteps'>,
): Promise<string> {
  output.note(`stage ${name}: ${steps} steps`);
  const run = new RunFolder(path.join(folder, `run-${name}`));
  if (existsSync(path.join(run.model, 'config.json'))) return run.model;
  const settings: AskedSettings = {
    model,
    data: path.join(folder, `${name}.jsonl`),
    validation: path.join(folder, 'validation.jsonl'),
    holdout: 0,
    loss: 'infonce',
    epochs: steps / Math.floor(pictures / BATCH),
    batchSize: BATCH,
    learningRate: LEARNING_RATE,
    weightDecay: 0.1,
    ema: 0.998,
    augmentation: 'strong',
    evaluateEvery: 400,
    seed: SEED,
    ...own,
  };
  const report = await train(run, settings, {
    device,
    threads: asked.threads,
    checkpointSeconds: 120,
    signal: stop.signal,
    onNote: (line) => output.note(line),
    onProgress: ({ phase, done, total, loss, secondsLeft }) =>
      output.progress(
        phase === 'train'
          ? `step ${done}/${total}  loss ${loss!.toFixed(3)}  ${Math.ceil(secondsLeft! / 60)} min left`
          : `evaluating ${done}/${total}`,
      ),
  });
  return report.model;
}
