// A model for pictures of another size, as a folder.

import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { loadDualEncoder, modelFiles, type ModelFolder } from '#model';
import { writeModel } from '#onnx';
import { writeResizedCard } from './card';
import { changeJson, checkTarget, exportModel } from './export';
import { readTowerModel } from './tower/read-tower';
import { resizeTower } from './tower/resize';

/**
 * Writes the model, for square pictures of `side` pixels, into the folder `out`. Its recall is worse there until it
 * has been trained a little at that size, and may be better then (Touvron et al. 2019, "Fixing the train-test
 * resolution discrepancy"). Throws one line where its image tower is bound to one size, or `out` is in use.
 */
export async function resizeModel(base: ModelFolder, side: number, out: string): Promise<void> {
  await checkTarget(out);
  if (base.path === path.resolve(out)) {
    throw new Error(`${out} is the model that is resized; choose another folder`);
  }
  const beside = `${path.resolve(out)}.resizing`;
  try {
    await writeResized(base, side, beside);
    await writeResizedCard(beside, path.basename(path.resolve(out)), base, side);
    await rm(out, { recursive: true, force: true });
    await rename(beside, out);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

async function writeResized(base: ModelFolder, side: number, folder: string): Promise<void> {
  const { width, height } = base.preprocessing;
  const model = await readTowerModel(base.visionModel, 'image');
  const refused = (cause: unknown) =>
    new Error(
      `${base.name} cannot take pictures of ${side} × ${side}: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  const graph = await resizeTower(model.graph, [height, width], side).catch((cause: unknown) => {
    throw refused(cause);
  });
  await exportModel(base, new Map(), folder);
  const file = path.join(folder, path.relative(base.path, base.visionModel));
  await writeModel({ ...model, graph }, file);
  const scale = (length: unknown) =>
    Math.round(((length as number) * side) / Math.min(width, height));
  await changeJson(path.join(folder, modelFiles.preprocessing), (settings) => ({
    ...settings,
    ...('size' in settings && { size: scaled(settings.size, scale) }),
    ...('crop_size' in settings && { crop_size: scaled(settings.crop_size, scale) }),
  }));
  await changeJson(path.join(folder, modelFiles.config), (config) => ({
    ...config,
    ...(typeof config.vision_config === 'object' && {
      vision_config: { ...config.vision_config, image_size: side },
    }),
  }));
  await tryPicture(folder, side).catch((cause: unknown) => {
    throw refused(cause);
  });
}

/** A size in any of the forms of preprocessor_config.json. */
function scaled(size: unknown, scale: (length: unknown) => number): unknown {
  if (typeof size !== 'object' || size === null) return scale(size);
  return Object.fromEntries(Object.entries(size).map(([key, length]) => [key, scale(length)]));
}

/** Throws unless the model embeds two pictures. */
async function tryPicture(folder: string, side: number): Promise<void> {
  const encoder = await loadDualEncoder(folder);
  try {
    const ramp = Float32Array.from({ length: 3 * side * side }, (_, at) => Math.sin(at));
    await encoder.encodePixels([ramp, ramp.map((value) => -value)]);
  } finally {
    await encoder.dispose();
  }
}
