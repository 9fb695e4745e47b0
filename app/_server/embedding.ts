// Vectors by the model that serves, whichever that is by the time that they are made.
import type { z } from 'zod';
import type { embeddingsAnswer } from '#api';
import { EngineUnavailable } from '#engine';
import { engine } from './services';

/** @param encode - makes them by the model of this fingerprint, or throws ModelChanged. */
export async function embed(
  encode: (model: string) => Promise<Float32Array[]>,
): Promise<z.infer<typeof embeddingsAnswer>> {
  const { model } = await engine().status();
  if (!model) throw new EngineUnavailable('the engine is warming up; try again in a moment');
  const { name, fingerprint, dimension } = model;
  try {
    const vectors = await encode(fingerprint);
    return { model: name, fingerprint, dimension, vectors: vectors.map((each) => [...each]) };
  } catch (error) {
    // By name: an error from the engine's process is not of this process's class.
    if ((error as Error).name !== 'ModelChanged') throw error;
    return embed(encode);
  }
}
