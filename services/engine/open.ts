// Opens the engine in this process; only then are the model's runtime and the indexes loaded.

import type { EngineParts } from './local';
import type { Engine, EngineOptions } from './types';

/** An engine in this process, ready to answer. What is passed in ready-made stays the caller's. */
export async function openEngine(options: EngineOptions & EngineParts = {}): Promise<Engine> {
  const { LocalEngine } = await import('./local');
  return LocalEngine.open(options);
}
