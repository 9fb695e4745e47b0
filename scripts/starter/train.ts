// The starter model's whole recipe, `npm run starter:train`: data, tokenizer, training in two stages.
// Stopped at any moment, it goes on from its last checkpoint when started again.
// `--steps N` makes it shorter or longer, `--threads N` takes other than all cores. Figures: evaluate.ts.

import { cp, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { config } from '#config';
import { createModel } from '#model';
import { RunFolder, train, type AskedSettings } from '#training';
import { Output } from '../output';
import { enlarge } from './enlarge';

const SEED = 1;
/** Steps in all, of so many pictures each. */
const STEPS = 4200;
const BATCH = 192;
/** The first stage learns from smaller pictures, which take half the time; its share of the steps. */
const SMALL = 0.7;
const SIDE = 64;
/** Share of the second stage's steps over which the learning rate falls; before it is constant. */
const DECAY = 0.6;

const { home, root, threads, device } = config();
const folder = path.join(home, 'starter');
const base = path.join(folder, 'base');
const output = new Output(false);

const asked = z
  .object({
    steps: z.coerce.number().int().min(10).default(STEPS),
    threads: z.coerce.number().int().min(1).default(threads),
  })
  .parse(parseArgs({ options: { steps: { type: 'string' }, threads: { type: 'string' } } }).values);

await import('./data');
await import('./tokenizer');
if (!existsSync(base)) {
  const architecture = await readFile(path.join(root, 'scripts/starter/model.json'), 'utf8');
  const tokenizer = path.join(folder, 'tokenizer');
  await createModel(base, { config: JSON.parse(architecture), tokenizer, seed: SEED });
}
const pictures = (await readFile(path.join(folder, 'train.jsonl'), 'utf8')).trim().split('\n');
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

const first = Math.round(asked.steps * SMALL);
const second = asked.steps - first;
const larger = path.join(folder, 'larger');
if (!existsSync(larger)) {
  const warmupSteps = Math.min(200, Math.ceil(first / 10));
  await enlarge(await stage('small', base, first, { warmupSteps }), larger, SIDE);
}
const decaySteps = Math.max(1, Math.round(second * DECAY));
const model = await stage('large', larger, second, {
  warmupSteps: Math.min(50, decaySteps),
  decaySteps,
});

const result = path.join(folder, 'model');
await rm(result, { recursive: true, force: true });
await cp(model, result, { recursive: true });
output.note(`the model is in ${result}; npm run starter:evaluate -- --model ${result} measures it`);

/** Trains a stage to its end and gives its model's folder. */
async function stage(
  name: string,
  model: string,
  steps: number,
  rate: Pick<AskedSettings, 'warmupSteps' | 'decaySteps'>,
): Promise<string> {
  output.note(`stage ${name}: ${steps} steps`);
  const settings: AskedSettings = {
    model,
    data: path.join(folder, 'train.jsonl'),
    validation: path.join(folder, 'validation.jsonl'),
    holdout: 0,
    loss: 'infonce',
    epochs: steps / Math.floor(pictures.length / BATCH),
    batchSize: BATCH,
    captionsPerPicture: 2,
    learningRate: 2e-3,
    weightDecay: 0.1,
    ema: 0.998,
    augmentation: 'strong',
    evaluateEvery: 300,
    seed: SEED,
    // Of a stage without a fall of its own the rate never falls.
    decaySteps: 1,
    ...rate,
  };
  const report = await train(new RunFolder(path.join(folder, `run-${name}`)), settings, {
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
