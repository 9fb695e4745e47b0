// Export: a trained state as a model folder, the base folder's layout with the new weights.

import { cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { modelFiles, type ModelFolder } from '#model';
import { toFloat16, writeModel } from '#onnx';
import { LOGIT_BIAS, LOGIT_SCALE } from './tower/parameters';
import type { StateValues } from './step/stepper';
import { readTowerModel, towerFile, type TowerKind } from './tower/read-tower';
import { IMAGE_PREFIX, TEXT_PREFIX } from './tower/tower';

/**
 * Throws one line unless a model may be written to `out`: nothing is there, an empty folder, or a
 * model, which is replaced.
 */
export async function checkTarget(out: string): Promise<void> {
  const names = await readdir(out).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw new Error(`${out} cannot be written to: ${error.message}`, { cause: error });
  });
  if (names.length > 0 && !names.includes('onnx')) {
    throw new Error(`${out} holds something that is not a model; choose another folder`);
  }
}

/** Writes one tower with the weights of `values` put in place of its own, in the file's precision. */
async function writeTower(
  base: ModelFolder,
  kind: TowerKind,
  target: string,
  values: StateValues,
): Promise<void> {
  const prefix = kind === 'text' ? TEXT_PREFIX : IMAGE_PREFIX;
  const model = await readTowerModel(towerFile(base, kind), kind);
  for (const [name, weight] of model.graph.initializers) {
    const trained = values.get(prefix + name);
    if (trained === undefined) continue;
    weight.data = weight.dataType === 'float16' ? toFloat16(trained) : trained;
  }
  await writeModel(model, target);
}

/** Weights, of ONNX or of other frameworks: those of the base would stand beside the new ones. */
const WEIGHTS = /\.(onnx|onnx[._]data(_\d+)?|safetensors|bin|pth?|h5|msgpack|gguf)$/;

/**
 * Writes the folder `out`: everything of the base folder but its weights, both towers with the
 * trained weights, and the head in config.json: the logit scale as `logit_scale_init_value`, which is
 * where Hugging Face's split exports leave it, and the bias of a sigmoid loss as `logit_bias`. Complete or absent: it is written beside and renamed.
 */
export async function exportModel(
  base: ModelFolder,
  values: StateValues,
  out: string,
): Promise<void> {
  const beside = `${path.resolve(out)}.writing`;
  await rm(beside, { recursive: true, force: true });
  try {
    await writeFolder(base, values, beside);
    await rm(out, { recursive: true, force: true });
    await rename(beside, out);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    throw error;
  }
}

async function writeFolder(base: ModelFolder, values: StateValues, folder: string): Promise<void> {
  await cp(base.path, folder, {
    recursive: true,
    dereference: true,
    filter: (source) => !WEIGHTS.test(source) && path.basename(source) !== '.git',
  });
  for (const kind of ['text', 'image'] as const) {
    const target = path.join(folder, path.relative(base.path, towerFile(base, kind)));
    await writeTower(base, kind, target, values);
  }
  // A loss without captions learns no scale: the base's stays.
  const [scale, bias] = [values.get(LOGIT_SCALE.name), values.get(LOGIT_BIAS.name)];
  await changeJson(path.join(folder, modelFiles.config), (config) => ({
    ...config,
    ...(scale && { logit_scale_init_value: scale[0]! }),
    ...(bias && { logit_bias: bias[0]! }),
  }));
}

/** Reads one of a model's JSON files, and writes what `change` makes of it. */
export async function changeJson(
  file: string,
  change: (content: Record<string, unknown>) => Record<string, unknown>,
): Promise<void> {
  const content = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, `${JSON.stringify(change(content), null, 2)}\n`);
}
