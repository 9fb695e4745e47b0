// Opens models; only then is the runtime of their graphs loaded.

import type { DualEncoder, EncoderOptions } from './encoder';

/** Loads a model by name, path or hub id. Each tower's session opens when it is first needed. */
export async function loadDualEncoder(
  nameOrPath: string,
  options: EncoderOptions = {},
): Promise<DualEncoder> {
  const { openDualEncoder } = await import('./encoder');
  return openDualEncoder(nameOrPath, options);
}
