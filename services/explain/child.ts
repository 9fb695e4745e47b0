// The process that works heat maps out. Entry point only.

import { Explainer } from './explainer';
import type { Answered, Asked } from './protocol';

/** The model asked about last; another takes its place. */
let current: { model: string; explainer: Promise<Explainer> } | undefined;
/** One after the other: each takes all cores as it is. */
let work: Promise<void> = Promise.resolve();

process.on('disconnect', () => process.exit());
// Ctrl-C reaches every process of a terminal; this one ends with its parent.
process.on('SIGINT', () => undefined);
process.on('message', (asked: Asked) => {
  work = work.then(() => answer(asked));
});

async function answer({ number, model, picture, query }: Asked): Promise<void> {
  try {
    const explainer = await explainerOf(model);
    const map = await explainer.heat(picture, query);
    tell({ number, explanation: { map, preprocessing: explainer.preprocessing } });
  } catch (error) {
    const { name, message } = error as Error;
    tell({ number, name, message });
  }
}

async function explainerOf(model: string): Promise<Explainer> {
  if (current?.model === model) return current.explainer;
  const before = current;
  current = { model, explainer: Explainer.open(model) };
  current.explainer.catch(() => (current = undefined));
  await before?.explainer.then((explainer) => explainer.close());
  return current.explainer;
}

function tell(answered: Answered): void {
  if (process.connected) process.send!(answered);
}
