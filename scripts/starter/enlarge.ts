// The same model for larger pictures: a residual network's weights fit any size. Knows nothing of training.

import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readModel, writeModel } from '#onnx';

type Json = Record<string, unknown>;

/** Copies a model folder that has a residual network for its pictures, for pictures of another size. */
export async function enlarge(from: string, to: string, side: number): Promise<void> {
  const beside = `${to}.writing`;
  await rm(beside, { recursive: true, force: true });
  await cp(from, beside, { recursive: true });
  const graph = path.join(beside, 'onnx', 'vision_model.onnx');
  const model = await readModel(graph);
  model.graph.inputs[0]!.dims = ['batch', 3, side, side];
  await writeModel(model, graph);
  await rewrite(path.join(beside, 'config.json'), (config) => ({
    ...config,
    vision_config: { ...(config.vision_config as Json), image_size: side },
  }));
  await rewrite(path.join(beside, 'preprocessor_config.json'), (config) => ({
    ...config,
    size: { shortest_edge: side },
    crop_size: { height: side, width: side },
  }));
  await rename(beside, to);
}

async function rewrite(file: string, change: (content: Json) => Json): Promise<void> {
  const content = JSON.parse(await readFile(file, 'utf8')) as Json;
  await writeFile(file, `${JSON.stringify(change(content), null, 2)}\n`);
}
