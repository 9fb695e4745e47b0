// From a query to the one vector that is searched for.

import type { Catalog } from '#catalog';
import type { Engine } from '#engine';
import { SearchError, type SearchQuery } from './types';

/** How much of what is not wanted is taken away; at 1 the difference, not the likeness, would rank. */
const notWeight = 0.5;

/** What a search needs from outside. */
export interface SearchPorts {
  engine: Engine;
  catalog: Catalog;
}

/**
 * unit(mean(words, picture, item) − ½ · mean(not)), every term of length one.
 * @param model - the fingerprint of the model that has to make it
 * @throws SearchError for an empty query, an unknown item and a file that is no picture; ImageError
 * for bytes that are none
 */
export async function embedQuery(
  query: SearchQuery,
  ports: SearchPorts,
  model: string,
): Promise<Float32Array> {
  const words = [query.words ?? ''].map((text) => text.trim()).filter((text) => text !== '');
  const not = (query.not ?? []).map((text) => text.trim()).filter((text) => text !== '');
  const [texts, images, like] = await Promise.all([
    ports.engine.encodeTexts([...words, ...not], model),
    query.image === undefined ? [] : encodePicture(query.image, ports.engine, model),
    query.like === undefined ? [] : storedVector(query.like, ports.catalog, model),
  ]);
  const wanted = [...texts.slice(0, words.length), ...images, ...like];
  if (wanted.length === 0) {
    throw new SearchError('nothing to search for: give words, a picture, or both');
  }
  const vector = mean(wanted);
  if (not.length > 0) {
    const unwanted = mean(texts.slice(words.length));
    for (let i = 0; i < vector.length; i++) vector[i]! -= notWeight * unwanted[i]!;
  }
  return unit(vector);
}

/** An undecodable picture is told by its reason only; of a file one wants to know which. */
async function encodePicture(
  image: string | Uint8Array,
  engine: Engine,
  model: string,
): Promise<Float32Array[]> {
  try {
    return await engine.encodeImages([image], model);
  } catch (cause) {
    const { name, message } = cause as Error;
    // By name: an error from the engine's process is not of this process's class.
    if (name !== 'ImageError' || typeof image !== 'string') throw cause;
    throw new SearchError(`${image}: ${message}`, { cause });
  }
}

async function storedVector(
  item: number,
  catalog: Catalog,
  fingerprint: string,
): Promise<Float32Array[]> {
  const model = await catalog.models.find(fingerprint);
  if (!model) throw new SearchError('the catalog holds no pictures of this model yet');
  try {
    return [catalog.embeddings.vectors(model, 'image', [item])];
  } catch (cause) {
    throw new SearchError(`there is no picture ${item} to find more like`, { cause });
  }
}

function mean(vectors: Float32Array[]): Float32Array {
  const sum = new Float32Array(vectors[0]!.length);
  for (const vector of vectors) for (let i = 0; i < sum.length; i++) sum[i]! += vector[i]!;
  return sum.map((x) => x / vectors.length);
}

function unit(vector: Float32Array): Float32Array {
  const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  if (norm === 0) {
    throw new SearchError('nothing is left to search for: the terms cancel each other');
  }
  return vector.map((x) => x / norm);
}
