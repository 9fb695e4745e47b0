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
  const { words, not, like } = query;
  const result = await search(
    {
      in: query.in,
      not: not.map((words) => ({ words })),
      limit,
      offset,
      ...(words !== '' && { words }),
      ...(image !== undefined && { image }),
      ...(filter && { filter }),
      ...(like !== undefined && { like: [{ item: like }] }),
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
    return [{ ...hit, width, height, ...addresses(item) }];
  });
}

function nextOffset({ hits }: SearchResult, offset: number, limit: number): number | null {
  return hits.length === limit ? offset + limit : null;
}
