// What is made ready when the server starts, while nobody is waiting for it yet.
import { setTimeout } from 'node:timers/promises';
import { warmUp } from '#search';
import { catalog, engine } from './services';

/** Between two looks whether the engine is ready. */
const LOOK_MS = 250;

/** Starts the engine and, once it is ready, measures what the first search would have to wait for. */
export function warmServer(): void {
  warm().catch(({ message }: Error) => {
    process.stderr.write(`bifocal: the first search will take longer: ${message}\n`);
  });
}

async function warm(): Promise<void> {
  for (;;) {
    const { model } = await engine().status();
    if (model) return warmUp({ engine: engine(), catalog: await catalog() }, model.fingerprint);
    await setTimeout(LOOK_MS, undefined, { ref: false });
  }
}
