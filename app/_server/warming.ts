// What is made ready when the server starts and when another model takes over, so that no search waits for it.
import { setTimeout } from 'node:timers/promises';
import { warmUp } from '#search';
import { catalog, engine } from './services';

/** Between two looks at which model serves. */
const LOOK_MS = 250;

/** Starts the engine and measures, for each model that serves, what its first search would have to wait for. */
export async function warmServer(): Promise<never> {
  for (let warm: string | undefined; ;) {
    const { model } = await engine().status();
    if (model !== undefined && model.fingerprint !== warm) {
      warm = model.fingerprint;
      await makeWarm(warm).catch(({ message }: Error) => {
        process.stderr.write(`bifocal: the first search will take longer: ${message}\n`);
      });
    }
    await setTimeout(LOOK_MS, undefined, { ref: false });
  }
}

async function makeWarm(model: string): Promise<void> {
  await warmUp({ engine: engine(), catalog: await catalog() }, model);
}
