// `bifocal model`: which models there are, what one is, where more come from.

import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { config } from '#config';
import {
  createModel,
  loadDualEncoder,
  modelFiles,
  modelNames,
  pullModel,
  readModelFolder,
} from '#model';
import { blend } from './blend';
import { merge } from './merge';
import { describeTrainable, trainableReport } from './trainable';
import { jsonOption, Output, table } from './output';

interface ModelInfo {
  name: string;
  folder: string;
  type: string;
  fingerprint: string;
  dimension: number;
  contextLength: number | null;
  imageSize: { width: number; height: number };
  logitScale: number;
  logitBias: number;
  /** Of both graphs with their weights. */
  bytes: number;
}

const list = new Command('list')
  .description('list the models of this installation')
  .addOption(jsonOption())
  .action(async ({ json }: { json?: boolean }) => {
    const output = new Output(json === true);
    const models: ModelInfo[] = [];
    for (const name of await modelNames()) {
      await describe(name).then(
        (info) => models.push(info),
        (error: Error) => output.note(`left out ${name}: ${error.message}`),
      );
    }
    output.result({ models }, () =>
      models.length === 0
        ? 'no models yet; from the hub: bifocal model pull ORG/NAME'
        : table([['name', 'size', 'numbers', 'picture'], ...models.map(row)]),
    );
  });

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
  .description('list, describe, pull, create, blend and merge models')
  .addCommand(list)
  .addCommand(info)
  .addCommand(pull)
  .addCommand(create)
  .addCommand(blend)
  .addCommand(merge);

/** Loads the model, and runs a text through it: ids beyond the vocabulary show only there. */
async function describe(name: string): Promise<ModelInfo> {
  const folder = await readModelFolder(name);
  const encoder = await loadDualEncoder(name);
  try {
    await encoder.encodeTexts(['a picture']);
    const { width, height } = folder.preprocessing;
    return {
      name: encoder.name,
      folder: encoder.folder,
      type: folder.config.modelType,
      fingerprint: encoder.fingerprint,
      dimension: encoder.dimension,
      contextLength: folder.config.contextLength ?? null,
      imageSize: { width, height },
      logitScale: encoder.logitScale,
      logitBias: encoder.logitBias,
      bytes: await sizeOf(folder.textModel, folder.visionModel),
    };
  } finally {
    await encoder.dispose();
  }
}

async function sizeOf(...graphs: string[]): Promise<number> {
  let bytes = 0;
  for (const file of graphs.flatMap((graph) => [graph, `${graph}_data`]))
    bytes += (await stat(file).catch(() => null))?.size ?? 0;
  return bytes;
}

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

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function row({ name, bytes, dimension, imageSize: { width, height } }: ModelInfo) {
  return [name, megabytes(bytes), String(dimension), `${width} × ${height}`];
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
