// The learning rate of a run that asks for none: by how many numbers are trained, and on how many pictures.

import { size } from '#onnx';
import type { ModelFolder } from '#model';
import { readTower } from './read-tower';
import type { AskedSettings } from '../run';

const LEAST = 1e-5;

/** Between the 151 million numbers of a ViT-B/32 and the 5.7 million of the starter. */
const LARGE = { numbers: 151e6, rate: 1.5e-5 };
const EXPONENT = -1.28;

/** Few pictures say little of what a model knows already: the rate is at most this for each. */
const PER_PICTURE = 5e-7;

/** Adapters take ten times the rate (Schulman et al. 2025, "LoRA Without Regret"), but have a bound too. */
const WEIGHTS = { factor: 1, most: 1e-3 };
const ADAPTERS = { factor: 10, most: 3e-3 };

/**
 * A power of the numbers in the weights of what is trained, within bounds: 1e-3 for the 5.7 million of
 * the starter, 1.5e-5 for the 151 million of a ViT-B/32. A rule of thumb, from the custom of the large
 * and runs of the small. The starter, 10 epochs on 900 drawings, measured on 496 others (mean recall,
 * 6.0 % before): 17.1 % with 4e-4, 19.3 with 1e-3, 15.8 with 2e-3; adapters of rank 8: 7.6 with 1e-3,
 * 10.3 with 3e-3, 2.0 with 1e-2. The starter that knows six languages, on
 * 180 outlined drawings, measured on 1,696 others (recall@10 of pictures by words, 36.7 % before): 30.4 %
 * with 1e-3, 36.4 with 3e-4, 38.8 with 1.8e-4, 41.0 with 1e-4, 39.6 with 6e-5.
 */
export function defaultRate(numbers: number, pictures: number, adapters = false): number {
  const { factor, most } = adapters ? ADAPTERS : WEIGHTS;
  const rate = factor * LARGE.rate * (numbers / LARGE.numbers) ** EXPONENT;
  const bound = Math.min(most, factor * PER_PICTURE * pictures);
  return Number(Math.max(Math.min(rate, bound), LEAST).toPrecision(2));
}

/** The settings with a learning rate: their own, or the default for what they train of the model. */
export async function settleRate<T extends AskedSettings>(
  base: ModelFolder,
  settings: T,
  pictures: number,
): Promise<T & { learningRate: number }> {
  const { learningRate, lora, freeze, loss } = settings;
  if (learningRate !== undefined) return { ...settings, learningRate };
  let numbers = 0;
  for (const kind of ['text', 'image'] as const) {
    if (kind === freeze || (kind === 'text' && loss === 'none')) continue;
    const { graph, trained } = await readTower(base, kind);
    for (const name of trained) numbers += size(graph.initializers.get(name)!.dims);
  }
  return { ...settings, learningRate: defaultRate(numbers, pictures, lora !== undefined) };
}
