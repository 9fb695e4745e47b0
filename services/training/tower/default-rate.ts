// The learning rate of a run that asks for none: by how many numbers are trained.

import { size } from '#onnx';
import type { ModelFolder } from '#model';
import { readTower } from './read-tower';
import type { AskedSettings } from '../run';

/** Lowest and highest; adapters, which start at zero, take the highest. */
const BOUNDS = [1e-5, 4e-4] as const;

/** Rate of a million numbers, where the bounds allow it. */
const PER_MILLION = 2.3e-3;

/**
 * Inversely to the numbers trained, within bounds: 4e-4 for the 6 million of the starter, 1.5e-5 for
 * the 151 million of a ViT-B/32. A rule of thumb, from runs of the small and the custom of the large.
 */
export function defaultRate(numbers: number): number {
  const rate = Math.min(Math.max(PER_MILLION / (numbers / 1e6), BOUNDS[0]), BOUNDS[1]);
  return Number(rate.toPrecision(2));
}

/** The settings with a learning rate: their own, or the default for what they train of the model. */
export async function settleRate<T extends AskedSettings>(
  base: ModelFolder,
  settings: T,
): Promise<T & { learningRate: number }> {
  const { learningRate, lora, freeze, loss } = settings;
  if (learningRate !== undefined) return { ...settings, learningRate };
  if (lora !== undefined) return { ...settings, learningRate: BOUNDS[1] };
  let numbers = 0;
  for (const kind of ['text', 'image'] as const) {
    if (kind === freeze || (kind === 'text' && loss === 'none')) continue;
    const { graph, trained } = await readTower(base, kind);
    for (const name of trained) numbers += size(graph.initializers.get(name)!.dims);
  }
  return { ...settings, learningRate: defaultRate(numbers) };
}
