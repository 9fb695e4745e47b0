// From a query to the one vector that is searched for.

import type { Catalog, FullText, Modality } from '#catalog';
import type { Engine } from '#engine';
import { SearchError, type ItemTerm, type SearchQuery } from './types';

/** How much of what is not wanted is taken away; at 1 the difference, not the likeness, would rank. */
const notWeight = 0.5;

/** What a search needs from outside. */
export interface SearchPorts {
  engine: Engine;
  catalog: Catalog;
  /** Finds words beside this thread; without it the catalog finds them on this one. */
  words?: FullText;
}

/** A vector of length one, what it was made from, and how much of it goes into the query: less than 0 if unwanted. */
export interface Term {
  from: Modality;
  vector: Float32Array;
  share: number;
}

/** A query as one vector, and the terms that it is the sum of. */
export interface Meaning {
  vector: Float32Array;
  terms: Term[];
}

/**
 * unit(p − Σ v·(unwanted at a right angle to p) / n), where p = unit(Σ w·wanted): the mean of the n
 * unwanted terms keeps a query with many of them from being about nothing else.
 * @param model - the fingerprint of the model that has to make it
 * @throws SearchError for an empty query, an unknown item and a file that is no picture; ImageError
 * for bytes that are none
 */
export async function embedQuery(
  query: SearchQuery,
  ports: SearchPorts,
  model: string,
): Promise<Meaning> {
  const { like = [], unlike = [] } = query;
  const words = (query.words ?? '').trim();
  const not = (query.not ?? []).filter(({ words }) => words.trim() !== '');
  const [texts, images, items] = await Promise.all([
    ports.engine.encodeTexts(
      [...(words === '' ? [] : [words]), ...not.map(({ words }) => words.trim())],
      model,
    ),
    query.image === undefined ? [] : encodePicture(query.image, ports.engine, model),
    storedVectors([...like, ...unlike], ports.catalog, model),
  ]);
  const own = texts.length - not.length;
  const wanted = [
    ...weighted(texts.slice(0, own), 'text', [], 1),
    ...weighted(images, 'image', [], 1),
    ...weighted(items.slice(0, like.length), 'image', like, 1),
  ];
  if (wanted.length === 0) {
    throw new SearchError('nothing to search for: give words, a picture, or both');
  }
  const unwanted = [
    ...weighted(texts.slice(own), 'text', not, notWeight),
    ...weighted(items.slice(like.length), 'image', unlike, notWeight),
  ];
  const total = wanted.reduce((sum, { share }) => sum + share, 0);
  const terms = [
    ...wanted.map((term) => ({ ...term, share: term.share / total })),
    ...unwanted.map((term) => ({ ...term, share: -term.share / unwanted.length })),
  ];
  return { vector: combine(terms), terms };
}

function weighted(
  vectors: Float32Array[],
  from: Modality,
  weights: { weight?: number }[],
  usual: number,
): Term[] {
  return vectors.map((vector, n) => ({ from, vector, share: weights[n]?.weight ?? usual }));
}

/**
 * What is wanted, less what the unwanted have beside it: their part that is at a right angle to it. What
 * they share with it, above all what every picture has in common, is no reason to turn away. Of length
 * one. Throws SearchError if the terms cancel each other.
 */
export function combine(terms: readonly Term[]): Float32Array {
  const wanted = new Float32Array(terms[0]!.vector.length);
  for (const { vector, share } of terms) if (share > 0) add(wanted, vector, share);
  const direction = unit(wanted);
  const query = Float32Array.from(direction);
  for (const { vector, share } of terms) {
    if (share > 0) continue;
    const shared = vector.reduce((sum, x, i) => sum + x * direction[i]!, 0);
    add(query, vector, share);
    add(query, direction, -share * shared);
  }
  return unit(query);
}

function add(sum: Float32Array, vector: Float32Array, factor: number): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += factor * vector[i]!;
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

async function storedVectors(
  items: readonly ItemTerm[],
  catalog: Catalog,
  fingerprint: string,
): Promise<Float32Array[]> {
  if (items.length === 0) return [];
  const model = await catalog.models.find(fingerprint);
  if (!model) throw new SearchError('the catalog holds no pictures of this model yet');
  return items.map(({ item }) => {
    try {
      return catalog.embeddings.vectors(model, 'image', [item]);
    } catch (cause) {
      throw new SearchError(`there is no picture ${item} to find more like`, { cause });
    }
  });
}

function unit(vector: Float32Array): Float32Array {
  const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  if (norm === 0) {
    throw new SearchError('nothing is left to search for: the terms cancel each other');
  }
  return vector.map((x) => x / norm);
}
