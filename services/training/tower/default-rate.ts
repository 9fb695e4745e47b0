// The learning rate of a run that asks for none: by how many numbers are trained.

import { size } from '#onnx';
import type { ModelFolder } from '#model';
import { readTower } from './read-tower';
import type { AskedSettings } from '../run';

const LEAST = 1e-5;

/** Between the 151 million numbers of a ViT-B/32 and the 5.7 million of the starter. */
const LARGE = { numbers: 151e6, rate: 1.5e-5 };
const EXPONENT = -1.28;

/** Adapters take ten times the rate (Schulman et al. 2025, "LoRA Without Regret"), but have a bound too. */
const WEIGHTS = { factor: 1, most: 1e-3 };
const ADAPTERS = { factor: 10, most: 3e-3 };

/**
 * A power of the numbers in the weights of what is trained, within bounds: 1e-3 for the 5.7 million of
 * the starter, 1.5e-5 for the 151 million of a ViT-B/32. A rule of thumb, from the custom of the large
 * and runs of the small. The starter, 10 epochs on 900 drawings, measured on 496 others (mean recall,
 * 6.0 % before): 17.1 % with 4e-4, 19.3 with 1e-3, 15.8 with 2e-3; adapters of rank 8: 7.6 with 1e-3,
 * 10.3 with 3e-3, 2.0 with 1e-2.
 */
export function defaultRate(numbers: number, adapters = false): number {
  const { factor, most } = adapters ? ADAPTERS : WEIGHTS;
  const rate = factor * LARGE.rate * (numbers / LARGE.numbers) ** EXPONENT;
  return Number(Math.min(Math.max(rate, LEAST), most).toPrecision(2));
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
  return { ...settings, learningRate: defaultRate(numbers, lora !== undefined) };
}
