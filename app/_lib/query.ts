// A search as the address bar holds it: the type, and the way back to a URL. Reading one from a URL is parse.ts, on the server.

/** What is searched for: pictures by meaning, or the texts (captions) that fit. */
export type Target = 'image' | 'text';

export interface Query {
  words: string;
  /** What the results should not be like. */
  not: string[];
  in: Target;
  collection?: string | undefined;
  /** The item of which more is wanted. */
  like?: number | undefined;
  /** Names a picture that this browser tab holds in memory; the picture itself is never in a URL. */
  picture?: string | undefined;
}

export const emptyQuery: Query = { words: '', not: [], in: 'image' };

/** Whether there is anything to search by. */
export function asks(query: Query): boolean {
  return query.words !== '' || query.like !== undefined || query.picture !== undefined;
}

/** The fields of a query as URL parameters, defaults left out. */
export function queryParameters(query: Query): URLSearchParams {
  const parameters = new URLSearchParams();
  if (query.words !== '') parameters.set('q', query.words);
  if (query.like !== undefined) parameters.set('like', String(query.like));
  if (query.picture !== undefined) parameters.set('picture', query.picture);
  for (const words of query.not) parameters.append('not', words);
  if (query.in !== 'image') parameters.set('in', query.in);
  if (query.collection !== undefined) parameters.set('collection', query.collection);
  return parameters;
}

/** The page's address for a query. */
export function queryHref(query: Query, offset = 0): string {
  const parameters = queryParameters(query);
  if (offset > 0) parameters.set('offset', String(offset));
  const text = parameters.toString();
  return text === '' ? '/' : `/?${text}`;
}
