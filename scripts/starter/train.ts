// The starter model's whole recipe, `npm run starter:train`: data, tokenizer, training.
// Stopped at any moment, it goes on from its last checkpoint when started again.
// `--steps N` makes it shorter or longer, also of a run that has begun; `--threads N` takes other than all cores.

import { cp, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { config } from '#config';
import { createModel } from '#model';
import { RunFolder, train, type AskedSettings } from '#training';
import { Output } from '../output';

const SEED = 1;
/** Steps in all, of so many pictures each. */
const STEPS = 6000;
const BATCH = 128;
const WARMUP = 200;
/** The learning rate is constant but for the last share of the steps, over which it falls. */
const DECAY = 0.25;

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
const pictures = (await readFile(path.join(folder, 'train.jsonl'), 'utf8')).trim().split('\n');
const settings: AskedSettings = {
  model: base,
  data: path.join(folder, 'train.jsonl'),
  validation: path.join(folder, 'validation.jsonl'),
  holdout: 0,
  loss: 'infonce',
  epochs: asked.steps / Math.floor(pictures.length / BATCH),
  batchSize: BATCH,
  captionsPerPicture: 2,
  learningRate: 2e-3,
  warmupSteps: Math.min(WARMUP, Math.ceil(asked.steps / 10)),
  decaySteps: Math.ceil(asked.steps * DECAY),
  weightDecay: 0.1,
  ema: 0.998,
  augmentation: 'strong',
  evaluateEvery: 400,
  seed: SEED,
};
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
const report = await train(new RunFolder(path.join(folder, 'run')), settings, {
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

const result = path.join(folder, 'model');
await rm(result, { recursive: true, force: true });
await cp(report.model, result, { recursive: true });
output.note(`the model is in ${result}; npm run starter:evaluate -- --model ${result} measures it`);
