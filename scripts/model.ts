// `bifocal model`: what a model is, where more come from; what else is done with models stands in files of
// its own.

import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { config } from '#config';
import { createModel, modelFiles, pullModel, readModelFolder } from '#model';
import { blend } from './blend';
import { merge } from './merge';
import { diff } from './model-diff';
import { drop } from './model-drop';
import { describe, megabytes, type ModelInfo } from './model-info';
import { list } from './model-list';
import { resize } from './model-resize';
import { use } from './model-use';
import { describeTrainable, trainableReport } from './trainable';
import { jsonOption, Output, table } from './output';

const info = new Command('info')
  .description('say what a model is')
  .argument('[name]', 'a name, a folder or a hub id', config().model)
  .option('--trainable', 'whether it can be trained: weights, operations, devices')
  .addOption(jsonOption())
  .action(async (name: string, { json, trainable }: { json?: boolean; trainable?: boolean }) => {
    const output = new Output(json === true);
    if (trainable) output.result(await trainableReport(name), describeTrainable);
    else output.result(await describe(name), human);
  });

const pull = new Command('pull')
  .description('download a model from the Hugging Face hub')
  .argument('<org/name>', 'the model on the hub')
  .addOption(jsonOption())
  .action(async (id: string, { json }: { json?: boolean }) => {
    const output = new Output(json === true);
    await pullModel(id, ({ file, done, total }) =>
      output.progress(`${file}: ${megabytes(done)} of ${megabytes(total)}`),
    );
    output.result(await describe(id), human);
  });

const create = new Command('create')
  .description('create an untrained model: a CLIP with random weights, to be trained')
  .requiredOption('--config <file>', 'a CLIP config.json, in the format of Hugging Face')
  .requiredOption('--out <folder>', 'the new model; must not exist')
  .option('--tokenizer <folder>', 'folder or model whose tokenizer it takes', config().model)
  .option('--seed <number>', 'of the random weights', parseSeed, 0)
  .addOption(jsonOption())
  .action(async (options: CreateOptions) => {
    const output = new Output(options.json === true);
    if (await exists(options.out)) throw new Error(`${options.out} exists already`);
    await createModel(options.out, {
      config: await readJson(options.config),
      tokenizer: await tokenizerFolder(options.tokenizer),
      seed: options.seed,
    });
    output.result(await describe(path.resolve(options.out)), human);
  });

interface CreateOptions {
  config: string;
  out: string;
  tokenizer: string;
  seed: number;
  json?: boolean;
}

export const model = new Command('model')
  .description('list, describe, use, compare, pull, create, blend, merge and resize models')
  .addCommand(list)
  .addCommand(info)
  .addCommand(use)
  .addCommand(diff)
  .addCommand(drop)
  .addCommand(pull)
  .addCommand(create)
  .addCommand(blend)
  .addCommand(merge)
  .addCommand(resize);

/** A folder that holds a tokenizer, or that of a model. */
async function tokenizerFolder(name: string): Promise<string> {
  const folder = path.resolve(name);
  if (await exists(path.join(folder, modelFiles.tokenizer))) return folder;
  return (await readModelFolder(name)).path;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}`, { cause });
  }
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new InvalidArgumentError('a seed is a whole number.');
  return seed;
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null)) !== null;
}

function human(found: ModelInfo): string {
  const { width, height } = found.imageSize;
  return table([
    ['name', found.name],
    ['folder', found.folder],
    ['type', found.type],
    ['size', megabytes(found.bytes)],
    ['embeddings', `${found.dimension} numbers`],
    ['texts', found.contextLength ? `up to ${found.contextLength} tokens` : 'of any length'],
    ['pictures', `${width} × ${height} pixels`],
    ['logits', `${found.logitScale.toFixed(2)} · cosine + ${found.logitBias}`],
    ['fingerprint', found.fingerprint],
  ]);
}
