// The browser's calls to this app's own API; every failure is an Error with the server's one line.
import { ApiError, createClient } from '#client';
import type { Language } from './language';
import { browseOrder, emptyQuery, queryFields, type Filters, type Query } from './query';
import {
  listed,
  type Detail,
  type FacetCounts,
  type LibraryStatus,
  type ListedHit,
  type Results,
} from './results';

/** Where a server cannot be reached, each browser says so in its own way, whatever the language of the page. */
const NO_ANSWER: Record<Language, string> = {
  en: 'The server does not answer.',
  zh: '服务器没有响应。',
};

export const api = createClient({
  fetch: (...request) =>
    fetch(...request).catch((cause: Error) => {
      if (cause.name === 'AbortError') throw cause;
      throw new Error(NO_ANSWER[document.documentElement.lang as Language], { cause });
    }),
});

/** One page of hits for a query whose address says it all. */
export function fetchResults(query: Query, offset: number): Promise<Results> {
  return api.search({ ...fieldsOf(query), offset });
}

/** One page of hits for a picture, alone or together with words. */
export function postPicture(
  picture: File,
  query: Query,
  offset: number,
  signal?: AbortSignal,
): Promise<Results> {
  return api.searchByPicture(
    picture,
    { ...fieldsOf(query), offset },
    { ...(signal && { signal }) },
  );
}

/** One page of the library by date, from where the one before ended; of the usual size, if no limit is given. */
export async function fetchListed(
  query: Query,
  after: string,
  limit?: number,
): Promise<{ hits: ListedHit[]; next: string | null }> {
  const filters = fieldsOf({ ...emptyQuery, filters: query.filters });
  const { items, next } = await api.items({ ...filters, order: browseOrder(query), after, limit });
  return { hits: items.map(listed), next };
}

/** How many pictures of each kind satisfy filters. */
export function fetchFacets(filters: Filters, signal?: AbortSignal): Promise<FacetCounts> {
  return api.facets(fieldsOf({ ...emptyQuery, filters }), { ...(signal && { signal }) });
}

/** What is known of one picture. */
export function fetchDetail(item: number): Promise<Detail> {
  return api.item(item);
}

/** Milliseconds after which it is worth while to ask again; null where the server does not say. */
export function retryAfter(error: Error): number | null {
  return error instanceof ApiError && error.retryAfter !== null ? 1000 * error.retryAfter : null;
}

export function fetchStatus(): Promise<LibraryStatus> {
  return api.status();
}

/** A query as the API spells it; the name of a picture means nothing to it. */
function fieldsOf(query: Query) {
  return queryFields({ ...query, picture: undefined });
}
