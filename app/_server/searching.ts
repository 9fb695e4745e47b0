// Runs one search and dresses its hits for the page and the API.
import { search, type SearchResult } from '#search';
import type { Results } from '../_lib/results';
import { addresses } from './library';
import type { ParsedQuery } from './parse';
import { catalog, engine } from './services';

/** One page of hits. `image`: the bytes of a picture to search by, alone or together with the words. */
export async function runSearch(
  { query, filter, limit, offset }: ParsedQuery,
  image?: Uint8Array,
): Promise<Results> {
  const ports = { engine: engine(), catalog: await catalog() };
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
  return { ...result, hits: await dress(result.hits), next: nextOffset(result, offset, limit) };
}

/** Adds the addresses of the pictures. A hit whose item was deleted meanwhile has none and is left out. */
async function dress(hits: SearchResult['hits']): Promise<Results['hits']> {
  const items = await (await catalog()).items(hits.map(({ itemId }) => itemId));
  return hits.flatMap((hit) => {
    const item = items.get(hit.itemId);
    if (item === undefined) return [];
    const { width, height } = item;
    const takenAt = hit.takenAt?.toISOString() ?? null;
    return [{ ...hit, width, height, takenAt, ...addresses(item) }];
  });
}

function nextOffset({ hits }: SearchResult, offset: number, limit: number): number | null {
  return hits.length === limit ? offset + limit : null;
}
