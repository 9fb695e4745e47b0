// From a vector to the hits of one page: neighbours, looked up in the catalog.

import type { Catalog, ItemDetail, ItemFilter } from '#catalog';
import type { Neighbour } from '#vectors';
import type { SearchPorts } from './embed';
import type { Hit, SearchQuery } from './types';

/** A hit that nobody has judged yet. */
type Found = Omit<Hit, 'related'>;

/**
 * The hits from `offset` on, at most `limit`. Neighbours may turn out not to be hits (a picture that
 * has just gone, a text found already, the item that was asked about): then it asks for more.
 * @param meaning - the query as a vector, and the fingerprint of the model that made it
 */
export async function findHits(
  query: SearchQuery,
  meaning: { vector: Float32Array; model: string },
  { engine, catalog }: SearchPorts,
): Promise<Found[]> {
  const { in: modality, filter, limit, offset = 0 } = query;
  const end = offset + limit;
  const asked = (query.like?.length ?? 0) + (query.unlike?.length ?? 0);
  for (let k = end + asked; ; k *= 2) {
    const neighbours = await engine.search({ ...meaning, modality, k, ...(filter && { filter }) });
    const hits =
      modality === 'image'
        ? await pictures(neighbours, query, catalog)
        : await texts(neighbours, query, catalog);
    if (hits.length >= end || neighbours.length < k) return hits.slice(offset, end);
  }
}

async function pictures(
  neighbours: Neighbour[],
  { like = [], unlike = [], filter }: SearchQuery,
  catalog: Catalog,
): Promise<Found[]> {
  const asked = new Set([...like, ...unlike].map(({ item }) => item));
  const items = await catalog.items(neighbours.map(({ id }) => id));
  return neighbours.flatMap(({ id, score }): Found[] => {
    const item = items.get(id);
    if (!item || !wanted(item, filter) || asked.has(id)) return [];
    return [{ id, kind: 'image', score, text: null, ...shown(item) }];
  });
}

/** Pictures may share a caption; the text is then one hit, with the first picture that carries it. */
async function texts(
  neighbours: Neighbour[],
  { filter }: SearchQuery,
  catalog: Catalog,
): Promise<Found[]> {
  const captions = await catalog.captions(neighbours.map(({ id }) => id));
  const hits = new Map<string, Found>();
  for (const { id, score } of neighbours) {
    const caption = captions.get(id);
    if (!caption || !wanted(caption.item, filter) || hits.has(caption.text)) continue;
    hits.set(caption.text, { id, kind: 'text', score, text: caption.text, ...shown(caption.item) });
  }
  return [...hits.values()];
}

/** A picture that has gone is a hit only where it was asked for. */
function wanted({ path }: ItemDetail, filter: ItemFilter | undefined): boolean {
  return path !== null || filter?.missing === true;
}

function shown({ id, lastPath, width, height, captions }: ItemDetail) {
  return { itemId: id, path: lastPath, width, height, captions };
}
