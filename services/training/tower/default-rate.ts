// The learning rate of a run that asks for none: by how many numbers are trained.

import { size } from '#onnx';
import type { ModelFolder } from '#model';
import { readTower } from './read-tower';
import type { AskedSettings } from '../run';

const BOUNDS = [1e-5, 1e-3] as const;

/** Between the 151 million numbers of a ViT-B/32 and the 5.7 million of the starter. */
const LARGE = { numbers: 151e6, rate: 1.5e-5 };
const EXPONENT = -1.28;

/** Adapters take a rate so many times higher (Schulman et al. 2025, "LoRA Without Regret"). */
const ADAPTERS = 10;

/**
 * A power of the numbers trained, within bounds: 1e-3 for the 5.7 million of the starter, 1.5e-5 for
 * the 151 million of a ViT-B/32. A rule of thumb, from runs of the small and the custom of the large:
 * on 900 drawings the starter came to a mean recall of 19.3 % on others with 1e-3, 17.1 % with 4e-4.
 */
export function defaultRate(numbers: number, factor = 1): number {
  const rate = factor * LARGE.rate * (numbers / LARGE.numbers) ** EXPONENT;
  return Number(Math.min(Math.max(rate, BOUNDS[0]), BOUNDS[1]).toPrecision(2));
}

/** The settings with a learning rate: their own, or the default for what they train of the model. */
export async function settleRate<T extends AskedSettings>(
  base: ModelFolder,
  settings: T,
): Promise<T & { learningRate: number }> {
  const { learningRate, lora, freeze, loss } = settings;
  if (learningRate !== undefined) return { ...settings, learningRate };
  let numbers = 0;
  for (const kind of ['text', 'image'] as const) {
    if (kind === freeze || (kind === 'text' && loss === 'none')) continue;
    const { graph, trained } = await readTower(base, kind);
    for (const name of trained) numbers += size(graph.initializers.get(name)!.dims);
  }
  return { ...settings, learningRate: defaultRate(numbers, lora && ADAPTERS) };
}
