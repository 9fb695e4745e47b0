// How many pairs a step has and how often a run goes through its data, where it is not told.

import type { AskedSettings } from './run';

/** Pairs a step, where there are as many pictures. */
const BATCH = 64;

/** Times through the data; more often until a run has so many steps, but at most so often. */
const EPOCHS = 10;
const STEPS = 100;
const MOST_EPOCHS = 40;

/** The settings with a batch size and epochs: their own, or the defaults for `pictures` to train on. */
export function settlePace<T extends AskedSettings>(
  asked: T,
  pictures: number,
): T & { batchSize: number; epochs: number } {
  // Batches of equal size, so that an epoch leaves no picture out.
  const batches = Math.max(1, Math.ceil(pictures / BATCH));
  const { batchSize = Math.max(2, Math.floor(pictures / batches)) } = asked;
  const perEpoch = Math.max(1, Math.floor(pictures / batchSize));
  const enough = Math.min(Math.max(EPOCHS, Math.ceil(STEPS / perEpoch)), MOST_EPOCHS);
  return { ...asked, batchSize, epochs: asked.epochs ?? enough };
}
