// For developers: the loss of one batch and its gradients, as a step of a run computes them.

import { readModelFolder } from '#model';
import { Random } from '#random';
import { download, Tensor, type Device } from '#runtime';
import type { Tensors } from '../data/batch';
import { openGradients } from './gradients';
import { buildObjective, type ObjectiveSettings } from '../loss/objective';
import { readTower } from '../tower/read-tower';

export interface LossBatch {
  /** `pixel_values`, [pairs, 3, height, width]. */
  image: Tensors;
  /** `input_ids` and what else the text tower asks for, [pairs, length] each. */
  text: Tensors;
  /** [pairs, pairs], 1 where a caption (column) is true of a picture (row); by default its own. */
  positives?: Tensor;
}

export interface LossOptions extends Omit<ObjectiveSettings, 'selfSupervised' | 'queue'> {
  /** Pairs that go through the towers at once; by default all, or what an export has fixed. */
  microBatch?: number;
  device?: Device;
  /** Threads of one operation; 0 lets the runtime choose. */
  threads?: number;
}

export interface LossAndGradients {
  loss: number;
  /**
   * By name: `image.X` and `text.X` for the initializer X of the tower's file (the exporter's copy,
   * where it merged equal weights), `logit_scale` (its logarithm) and, for SigLIP, `logit_bias`.
   */
  gradients: Record<string, { dims: readonly number[]; data: Float32Array }>;
}

/**
 * The loss of a batch under a model, and its gradient with respect to every weight. Nothing is
 * changed. Throws one line where the model cannot be trained.
 *
 * ```ts
 * const { loss, gradients } = await lossAndGradients('models/starter', batch, { loss: 'infonce' });
 * ```
 */
export async function lossAndGradients(
  model: string,
  { image, text, positives }: LossBatch,
  { microBatch, device = 'cpu', threads = 0, ...settings }: LossOptions,
): Promise<LossAndGradients> {
  const base = await readModelFolder(model);
  const towers = {
    text: await readTower(base, 'text', { frozen: settings.freeze === 'text' }),
    image: await readTower(base, 'image', { frozen: settings.freeze === 'image' }),
  };
  const [pairs, length] = text['input_ids']!.dims as [number, number];
  const source = await openGradients({
    ...towers,
    objective: buildObjective(settings),
    batchSize: pairs,
    microBatch: microBatch ?? towers.text.batch ?? towers.image.batch ?? pairs,
    length,
    device,
    threads,
  });
  try {
    const { logitScale, logitBias } = base.config;
    const start = { logitScale, logitBias, random: new Random(0) };
    const weights = Object.fromEntries(
      source.parameters.map(({ name, dims, initial }) => {
        const data = initial?.(start) ?? valueOf(towers, name);
        return [name, new Tensor('float32', data, dims)];
      }),
    );
    const numbers = Int32Array.from({ length: pairs }, (_, index) => index);
    const result = await source.compute(weights, {
      image,
      text,
      positives: positives ?? identity(pairs),
      pictures: numbers,
      captions: numbers,
      length,
      extra: {},
    });
    return { loss: result.loss, gradients: await inHostMemory(result.gradients) };
  } finally {
    await source.release();
  }
}

function valueOf(
  towers: Record<'text' | 'image', Awaited<ReturnType<typeof readTower>>>,
  name: string,
) {
  const { graph, prefix } = name.startsWith(towers.text.prefix) ? towers.text : towers.image;
  return graph.initializers.get(name.slice(prefix.length))!.data as Float32Array;
}

/** Each caption is true of its own picture alone. */
function identity(size: number): Tensor {
  const data = new Float32Array(size * size);
  for (let index = 0; index < size; index++) data[index * (size + 1)] = 1;
  return new Tensor('float32', data, [size, size]);
}

async function inHostMemory(tensors: Tensors): Promise<LossAndGradients['gradients']> {
  const result: LossAndGradients['gradients'] = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    const { dims, data } = await download(tensor);
    result[name.replace('gradient.', '')] = { dims, data: data as Float32Array };
    tensor.dispose();
  }
  return result;
}
