// Runs one search and dresses its hits for the page and the API.
import { search, type SearchResult } from '#search';
import type { Results } from '../_lib/results';
import { AnswerCache } from './answer-cache';
import { addresses } from './library';
import { observeStage } from './metrics';
import type { ParsedQuery } from './parse';
import { catalog, engine, wordFinder } from './services';

// Next compiles each route to a module of its own; what they share has to live on the global object.
const shared = globalThis as typeof globalThis & { bifocalAnswers?: AnswerCache<Results> };
const answers = (shared.bifocalAnswers ??= new AnswerCache<Results>());

/** One page of hits. `image`: the bytes of a picture to search by, alone or together with the words. */
export async function runSearch(parsed: ParsedQuery, image?: Uint8Array): Promise<Results> {
  const { model, indexed } = await engine().status();
  if (image !== undefined || model === undefined) return searchNow(parsed, image);
  const version = (await catalog()).version();
  const state = JSON.stringify([version, model.fingerprint, indexed]);
  const { answer, known } = await answers.of(JSON.stringify(parsed), state, () =>
    searchNow(parsed),
  );
  return known ? { ...answer, took: { encodeMs: 0, searchMs: 0 } } : answer;
}

async function searchNow(
  { query, filter, limit, offset }: ParsedQuery,
  image?: Uint8Array,
): Promise<Results> {
  const ports = { engine: engine(), catalog: await catalog(), words: wordFinder() };
  const { words, not, like, unlike } = query;
  const result = await search(
    {
      in: query.in,
      not,
      like,
      unlike,
      sort: query.sort,
      judged: true,
      fused: true,
      limit,
      offset,
      ...(words !== '' && { words }),
      ...(image !== undefined && { image }),
      ...(filter && { filter }),
    },
    ports,
  );
  const found = performance.now();
  const hits = dress(result.hits);
  observeStage('encode', result.took.encodeMs / 1000);
  observeStage('search', result.took.searchMs / 1000);
  observeStage('describe', (performance.now() - found) / 1000);
  return { ...result, hits, next: nextOffset(result, offset, limit) };
}

/** Adds the addresses of the pictures. */
export function dress(hits: SearchResult['hits']): Results['hits'] {
  return hits.map(({ sha256, ...hit }) => ({
    ...hit,
    takenAt: hit.takenAt?.toISOString() ?? null,
    ...addresses({ id: hit.itemId, sha256 }),
  }));
}

function nextOffset({ hits }: SearchResult, offset: number, limit: number): number | null {
  return hits.length === limit ? offset + limit : null;
}
