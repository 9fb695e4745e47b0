// The starter model's whole recipe, `npm run starter:train`: data, tokenizer, training, figures.
// Stopped at any moment, it goes on from its last checkpoint when started again.

import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { config } from '#config';
import { createModel, loadDualEncoder } from '#model';
import {
  evaluate,
  readPairs,
  RunFolder,
  train,
  type Evaluation,
  type RunSettings,
} from '#training';
import { Output } from '../output';

const SEED = 1;
const { home, root, threads } = config();
const folder = path.join(home, 'starter');
const base = path.join(folder, 'base');
const output = new Output(false);

const SETTINGS: RunSettings = {
  model: base,
  data: path.join(folder, 'train.jsonl'),
  validation: path.join(folder, 'validation.jsonl'),
  holdout: 0,
  loss: 'infonce',
  epochs: 22,
  batchSize: 128,
  captionsPerPicture: 2,
  learningRate: 1e-3,
  warmupSteps: 200,
  weightDecay: 0.1,
  augmentation: 'strong',
  seed: SEED,
};

/** What was never trained on: two vendors' drawings, and a tenth of the concepts of all others. */
const HELD_OUT = ['heldout-vendor', 'heldout-outlines', 'heldout-concepts'];

await import('./data');
await import('./tokenizer');
if (!existsSync(base)) {
  const architecture = await readFile(path.join(root, 'scripts/starter/model.json'), 'utf8');
  const tokenizer = path.join(folder, 'tokenizer');
  await createModel(base, { config: JSON.parse(architecture), tokenizer, seed: SEED });
}

const runPath = path.join(folder, 'run');
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
const report = await train(new RunFolder(runPath), SETTINGS, {
  device: config().device,
  threads,
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

const figures: Record<string, Evaluation> = {};
const encoder = await loadDualEncoder(report.model, { threads });
for (const name of HELD_OUT) {
  figures[name] = await evaluate(encoder, await readPairs(path.join(folder, `${name}.jsonl`)));
  output.note(`${name}: words → pictures, recall@10 ${figures[name].textToImage.r10.toFixed(3)}`);
}
await encoder.dispose();

const shipped = path.join(root, 'models', 'starter');
await mkdir(shipped, { recursive: true });
await cp(report.model, shipped, { recursive: true });
await writeFile(path.join(shipped, 'evaluation.json'), `${JSON.stringify(figures, null, 2)}\n`);
output.note(`the model is in ${shipped}`);
