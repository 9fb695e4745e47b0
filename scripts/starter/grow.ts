// A deeper image tower that computes what a shallower one does: what it learned goes on in a larger one.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createModel, modelFiles } from '#model';
import { readModel, tensor, writeModel, type Tensor } from '#onnx';

/** What a residual tower is grown to; the keys of its vision_config. */
export interface Growth {
  /** Residual blocks of each stage, none fewer than before. */
  depths: readonly number[];
  spatial_size: number;
}

/**
 * Writes a model with a larger residual image tower into the folder `out`. Weights of the same name stay, and the last
 * convolution of each new block begins at zero, so that it adds nothing yet (Chen et al. 2016, "Net2Net"; Goyal et al.
 * 2017, section 5.1).
 */
export async function growModel(
  base: string,
  growth: Growth,
  seed: number,
  out: string,
): Promise<void> {
  const config = JSON.parse(await readFile(path.join(base, modelFiles.config), 'utf8')) as {
    vision_config: object;
  };
  const vision_config = { ...config.vision_config, ...growth };
  await createModel(out, { config: { ...config, vision_config }, tokenizer: base, seed });
  for (const tower of ['text_model.onnx', 'vision_model.onnx']) {
    const file = path.join(out, 'onnx', tower);
    const [small, large] = await Promise.all(
      [path.join(base, 'onnx', tower), file].map((of) => readModel(of)),
    );
    const initializers = graft(small!.graph.initializers, large!.graph.initializers);
    await writeModel({ ...large!, graph: { ...large!.graph, initializers } }, file);
  }
}

/** The weights of a larger tower, those of the smaller where it has them. */
function graft(
  small: ReadonlyMap<string, Tensor>,
  large: ReadonlyMap<string, Tensor>,
): Map<string, Tensor> {
  return new Map(
    [...large].map(([name, own]) => {
      const had = own.dataType === 'float32' ? small.get(name) : undefined;
      if (had !== undefined) return [name, had];
      if (!name.endsWith('.conv2.weight')) return [name, own];
      return [name, tensor(new Float32Array(own.data.length), own.dims, 'float32')];
    }),
  );
}
