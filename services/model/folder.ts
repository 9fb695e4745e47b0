// Model folders in Hugging Face layout: where they are, what their JSON files say, which files they
// must have. Loads no graph and no tokenizer.

import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { config } from '#config';
import type { Preprocessing } from '#preprocess';
import { parsePreprocessing } from './preprocess';

/** A folder that has what a dual encoder needs. */
export interface ModelFolder {
  /** What it is called under modelRoots; of a run's result, the run's name; else the folder's. */
  name: string;
  path: string;
  config: ModelConfig;
  preprocessing: Preprocessing;
  /** The .onnx files of the two towers. */
  textModel: string;
  visionModel: string;
}

/** What we read of config.json. */
export interface ModelConfig {
  /** `clip`, `siglip`, … */
  modelType: string;
  /** Width of the embeddings, where the file says it. */
  dimension: number | undefined;
  /** Tokens of a text at most, special ones included; where the file says it. */
  contextLength: number | undefined;
  /** Natural logarithm of the factor on cosines. */
  logitScale: number;
  logitBias: number;
}

const positive = z.number().int().positive();

const configSchema = z.object({
  model_type: z.string().default('clip'),
  projection_dim: positive.optional(),
  logit_scale_init_value: z.number().default(Math.log(1 / 0.07)),
  logit_bias: z.number().default(0),
  text_config: z
    .object({ max_position_embeddings: positive.optional(), hidden_size: positive.optional() })
    .default({}),
});

/** Tokens of a text that SigLIP was trained with (Zhai et al. 2023). */
const SIGLIP_CONTEXT = 64;

/** The files of a model folder, relative to it. A graph may be there in half precision: fileAmong. */
export const modelFiles = {
  config: 'config.json',
  preprocessing: 'preprocessor_config.json',
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
  textModel: 'onnx/text_model.onnx',
  visionModel: 'onnx/vision_model.onnx',
} as const;

/** What a run calls the folder of its result. */
const RUN_MODEL = 'model';

/**
 * Finds a model by a path, by its name under models/ of the data folder or of the repository, by the
 * hub id it was pulled as, or by the run that trained it (its name or its folder), and reads its
 * settings. Throws one line: what is missing, and where.
 */
export async function readModelFolder(nameOrPath: string): Promise<ModelFolder> {
  const folder = await locate(nameOrPath);
  for (const file of Object.values(modelFiles)) await requireFile(folder, file);
  const settings = await readJson(folder, modelFiles.config, parseConfig);
  return {
    name: nameOf(folder),
    path: folder,
    config: settings,
    preprocessing: await readJson(folder, modelFiles.preprocessing, parsePreprocessing),
    textModel: path.join(folder, await requireFile(folder, modelFiles.textModel)),
    visionModel: path.join(folder, await requireFile(folder, modelFiles.visionModel)),
  };
}

/**
 * Which of `files` serves as `file`: a graph that is not there in float32 may be in half precision,
 * under the name that transformers.js gives it. Integer versions are left alone: they lose recall, and
 * cannot be trained.
 */
export function fileAmong(file: string, files: readonly string[]): string | undefined {
  const half = file.replace(/\.onnx$/, '_fp16.onnx');
  return [file, half].find((name) => files.includes(name));
}

/** The folders that hold models by name, in the order of search: one's own before the shipped. */
export function modelRoots(): string[] {
  const { home, root } = config();
  return [path.join(home, 'models'), path.join(root, 'models')];
}

/** Names of all models under `modelRoots`, sorted; whether each is sound is not looked at. */
export async function modelNames(): Promise<string[]> {
  const names = new Set<string>();
  const collect = async (root: string, name: string, depth: number) => {
    if (name && (await exists(path.join(root, name, modelFiles.config)))) names.add(name);
    else if (depth > 0) {
      const entries = await readdir(path.join(root, name)).catch((): string[] => []);
      for (const entry of entries) await collect(root, path.posix.join(name, entry), depth - 1);
    }
  };
  // A name, or org/name.
  for (const root of modelRoots()) await collect(root, '', 2);
  return [...names].filter((name) => !name.endsWith('.partial')).sort();
}

function parseConfig(content: unknown): ModelConfig {
  const { model_type: modelType, text_config: text, ...rest } = configSchema.parse(content);
  const siglip = modelType.startsWith('siglip');
  return {
    modelType,
    // SigLIP has no projection: the towers are as wide as the embeddings.
    dimension: rest.projection_dim ?? (siglip ? text.hidden_size : undefined),
    // Hugging Face leaves out what is a default of the model type: 64 for SigLIP.
    contextLength: text.max_position_embeddings ?? (siglip ? SIGLIP_CONTEXT : undefined),
    logitScale: rest.logit_scale_init_value,
    logitBias: rest.logit_bias,
  };
}

function isPath(name: string): boolean {
  return path.isAbsolute(name) || /^\.{1,2}(\/|\\|$)/.test(name);
}

function nameOf(folder: string): string {
  const root = modelRoots().find((root) => folder.startsWith(root + path.sep));
  if (root !== undefined) return path.relative(root, folder).replaceAll(path.sep, '/');
  const { base, dir } = path.parse(folder);
  return base === RUN_MODEL ? path.basename(dir) : base;
}

async function locate(nameOrPath: string): Promise<string> {
  const here = path.resolve(nameOrPath);
  const run = path.join(config().home, 'runs', nameOrPath);
  const candidates = isPath(nameOrPath)
    ? [here]
    : [...modelRoots().map((root) => path.join(root, nameOrPath)), run, here];
  for (const folder of candidates) {
    for (const model of [folder, path.join(folder, RUN_MODEL)]) {
      if (await exists(path.join(model, modelFiles.config))) return model;
    }
  }
  const isHubId = /^[\w.-]+\/[\w.-]+$/.test(nameOrPath);
  throw new Error(
    `no model "${nameOrPath}": there is no config.json in ${candidates.join(', ')}` +
      (isHubId ? `; from the hub: bifocal model pull ${nameOrPath}` : ''),
  );
}

async function requireFile(folder: string, file: string): Promise<string> {
  const { dir } = path.posix.parse(file);
  const names = await readdir(path.join(folder, dir)).catch((): string[] => []);
  const files = names.map((name) => path.posix.join(dir, name));
  const found = fileAmong(file, files);
  if (found === undefined) throw missingFile(folder, file, files);
  return found;
}

/** Why a folder or repository with these files is no dual encoder: `file` is not among them. */
export function missingFile(where: string, file: string, files: string[]): Error {
  const { dir, name, ext } = path.posix.parse(file);
  const isReduced = (other: string) => other.startsWith(`${dir}/${name}_`) && other.endsWith(ext);
  const reduced = ext === '.onnx' ? files.filter(isReduced) : [];
  const joint = ext === '.onnx' && files.includes('onnx/model.onnx');
  return new Error(
    `${where}: ${file} is missing` +
      (reduced.length ? `; only reduced versions are there: ${reduced.join(', ')}` : '') +
      (joint
        ? '; onnx/model.onnx has both towers in one graph, which cannot be searched with'
        : ''),
  );
}

async function readJson<T>(
  folder: string,
  name: string,
  parse: (content: unknown) => T,
): Promise<T> {
  const file = path.join(folder, name);
  try {
    return parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new Error(`${file}: ${describe(cause)}`, { cause });
  }
}

function describe(error: unknown): string {
  if (!(error instanceof z.ZodError)) return (error as Error).message;
  const issue = error.issues[0];
  return `${issue?.path.join('.') || 'top level'}: ${issue?.message}`;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
