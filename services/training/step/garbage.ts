// Weights that were read and copied hang on few small objects, so that V8, which counts these, would
// leave gigabytes to be collected until long after the first step has asked for its own.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects garbage now. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
