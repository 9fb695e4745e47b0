// The starter model's whole recipe, `npm run starter:train`: data, tokenizer, training.
// Stopped at any moment, it goes on from its last checkpoint when started again.
// `--steps N` makes it shorter or longer; `--threads N` takes other than all cores.

import { readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { config } from '#config';
import { createModel, loadTokenizer, readModelFolder } from '#model';
import { blendModels, resizeModel, RunFolder, train, TrainingInterrupted } from '#training';
import { Output } from '../output';
import { growModel } from './grow';
import { readRows } from './rows';
import { stages, STEPS, type Stage, type Weights } from './stages';

const SEED = 1;
/** Pictures of a step. */
const BATCH = 128;
const LEARNING_RATE = 1e-3;

const { home, root, threads, device } = config();
const folder = path.join(home, 'starter');
const base = path.join(folder, 'base');
const output = new Output(false);

const options = { steps: { type: 'string' }, threads: { type: 'string' } } as const;
const asked = z
  .object({
    steps: z.coerce.number().int().min(20).default(STEPS),
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
const tokenizer = await loadTokenizer(await readModelFolder(base));
const rows = [...(await readRows(folder, 'train')), ...(await readRows(folder, 'icons'))];
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

try {
  const models = new Map<Weights, string>();
  let result = base;
  for (const stage of stages(asked.steps)) {
    const start = await startOf(
      stage,
      stage.from.map((name) => models.get(name)!),
    );
    result = await run(stage, start);
    models.set(`start of ${stage.name}`, start).set(stage.name, result);
  }
  output.note(
    `the model is in ${result}; npm run starter:evaluate -- --model ${result} measures it`,
  );
} catch (error) {
  if (!(error instanceof TrainingInterrupted)) throw error;
  output.note('stopped; the same command goes on from here');
  process.exitCode = 130;
}

/** The mean of one or two models, of none the first weights, for pictures and with a tower of the stage's size. */
async function startOf(
  { name, side, growth }: Stage,
  [first = base, second]: readonly string[],
): Promise<string> {
  let start = first;
  if (second !== undefined) {
    start = path.join(folder, `mean-${name}`);
    const [a, b] = await Promise.all([first, second].map((model) => readModelFolder(model)));
    await blendModels(a!, b!, 0.5, start);
  }
  const changed = path.join(folder, `start-${name}`);
  if (growth !== undefined) await growModel(start, growth, SEED, changed);
  else if (side !== undefined) await resizeModel(await readModelFolder(start), side, changed);
  else return start;
  return changed;
}

/** Trains on a stage's rows, from a model and to its end; gives the folder of what came out. */
async function run(stage: Stage, model: string): Promise<string> {
  output.note(`stage ${stage.name}: ${stage.steps} steps`);
  const run = new RunFolder(path.join(folder, `run-${stage.name}`));
  if (existsSync(path.join(run.model, 'config.json'))) return run.model;
  const chosen = stage.rows(rows, (captions) =>
    tokenizer.encode(captions).map((ids) => ids.length),
  );
  const data = path.join(folder, `${stage.name}.jsonl`);
  await writeFile(data, chosen.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const report = await train(
    run,
    {
      model,
      data,
      validation: path.join(folder, 'validation.jsonl'),
      holdout: 0,
      loss: 'infonce',
      epochs: stage.steps / Math.floor(chosen.length / BATCH),
      batchSize: BATCH,
      learningRate: LEARNING_RATE,
      weightDecay: 0.1,
      ema: 0.998,
      augmentation: stage.augmentation,
      evaluateEvery: 400,
      seed: SEED,
      ...(stage.similar && { similar: stage.similar }),
      captionsPerPicture: stage.captions,
      warmupSteps: stage.warmup,
      decaySteps: stage.decay,
    },
    {
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
    },
  );
  return report.model;
}
