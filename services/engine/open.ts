// Opens engines and models in this process; only then are the model's runtime and the indexes loaded.

import type { Catalog } from '#catalog';
import type { DualEncoder, EncoderOptions } from '#model';
import type * as Graphs from './build/graphs';
import type { EngineParts } from './local';
import type { Engine, EngineOptions } from './types';

/** An engine in this process, ready to answer. What is passed in ready-made stays the caller's. */
export async function openEngine(options: EngineOptions & EngineParts = {}): Promise<Engine> {
  const { LocalEngine } = await import('./local');
  return LocalEngine.open(options);
}

/** What builds and measures HNSW graphs, for who has a process for it. */
export function loadGraphs(): Promise<typeof Graphs> {
  return import('./build/graphs');
}

/** The model that serves: the one that `model use` chose last, else the one that config() names. */
export async function loadServingModel(
  catalog: Catalog,
  options?: EncoderOptions,
): Promise<DualEncoder> {
  const { loadModelInUse } = await import('./model-in-use');
  return loadModelInUse(catalog, options);
}

/** A model by its name, folder, hub id or run, or by the name that it has in the catalog. */
export async function loadNamedModel(
  catalog: Catalog,
  name: string,
  options?: EncoderOptions,
): Promise<DualEncoder> {
  const inUse = await import('./model-in-use');
  return inUse.loadNamedModel(catalog, name, options);
}
