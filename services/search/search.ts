// A query becomes a vector, the vector its neighbours, the neighbours hits.

import { EngineUnavailable } from '#engine';
import { cutoffScore } from './chance';
import { embedQuery, type SearchPorts } from './embed';
import { findHits, wordMatches } from './hits';
import { isSpelled } from './spelled';
import type { SearchQuery, SearchResult } from './types';

/**
 * Searches the catalog.
 * @throws SearchError, ImageError (the bytes asked with), UnknownCollection: the query is at fault
 * @throws EngineUnavailable while the engine cannot answer
 */
export async function search(query: SearchQuery, ports: SearchPorts): Promise<SearchResult> {
  try {
    return await searchOnce(query, ports);
  } catch (error) {
    // By name: an error from the engine's process is not of this process's class.
    if ((error as Error).name !== 'ModelChanged') throw error;
    return searchOnce(query, ports);
  }
}

/** With one model from beginning to end; ModelChanged if another takes over in between. */
async function searchOnce(query: SearchQuery, ports: SearchPorts): Promise<SearchResult> {
  const { model, error } = await ports.engine.status();
  if (!model) {
    throw new EngineUnavailable(
      error ? `the engine is not running: ${error}` : 'the engine is warming up; try again soon',
    );
  }
  const started = performance.now();
  const { fingerprint } = model;
  const embedding = embedQuery(query, ports, fingerprint);
  // While the engine encodes.
  const matches = forLater(wordMatches(query, ports));
  const spelled = forLater(saysNothing(query, ports, fingerprint));
  const meaning = await embedding;
  const encoded = performance.now();
  const cutoff = forLater(
    query.judged
      ? cutoffScore(meaning, query.in, ports, fingerprint, spelled)
      : Promise.resolve(null),
  );
  const { vector } = meaning;
  const hits = await findHits({ query, vector, model: fingerprint, cutoff, matches }, ports);
  const found = performance.now();
  return {
    model: model.name,
    took: { encodeMs: encoded - started, searchMs: found - encoded },
    cutoff: await cutoff,
    hits,
  };
}

/** Whether all that is wanted is words that the model cannot read. */
async function saysNothing(query: SearchQuery, { engine }: SearchPorts, model: string) {
  const { words = '', image, like = [], judged } = query;
  const alone = image === undefined && like.length === 0 && words.trim() !== '';
  return judged === true && alone && isSpelled(words, engine, model);
}

/** Whoever waits for it learns why it failed; if the search fails first, nobody does. */
function forLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
