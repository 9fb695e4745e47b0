// A search as the address bar holds it: the type, and the way back to a URL. Reading one from a URL is parse.ts, on the server.

/** What is searched for: pictures by meaning, or the texts (captions) that fit. */
export type Target = 'image' | 'text';
export type Sort = 'relevance' | 'newest' | 'oldest';

export interface Unwanted {
  words: string;
  weight: number;
}

export interface ItemTerm {
  item: number;
  weight: number;
}

/** What the hits have to satisfy; times in ISO 8601. */
export interface Filters {
  collection?: string | undefined;
  takenAfter?: string | undefined;
  takenBefore?: string | undefined;
  orientation?: 'landscape' | 'portrait' | 'square' | undefined;
  format?: string | undefined;
  hasCaption?: boolean | undefined;
  under?: string | undefined;
  missing?: boolean | undefined;
}

export interface Query {
  words: string;
  /** What the results should not be like. */
  not: Unwanted[];
  /** Items of which more is wanted, and less. */
  like: ItemTerm[];
  unlike: ItemTerm[];
  /** Names a picture that this browser tab holds in memory; the picture itself is never in a URL. */
  picture?: string | undefined;
  in: Target;
  sort: Sort;
  filters: Filters;
}

/** What a term counts if nobody says otherwise. */
export const USUAL_WEIGHT = { like: 1, unlike: 0.5, not: 0.5 } as const;

export const emptyQuery: Query = {
  words: '',
  not: [],
  like: [],
  unlike: [],
  in: 'image',
  sort: 'relevance',
  filters: {},
};

/** Whether there is anything to search by. */
export function asks(query: Query): boolean {
  return query.words !== '' || query.like.length > 0 || query.picture !== undefined;
}

/** Whether it asks for nothing, but for the library by date, or for a part of it. */
export function browses(query: Query): boolean {
  const narrowed = Object.values(query.filters).some((value) => value !== undefined);
  return !asks(query) && (narrowed || query.sort !== 'relevance');
}

/** The order in which a library is browsed. */
export function browseOrder({ sort }: Query): 'newest' | 'oldest' {
  return sort === 'oldest' ? 'oldest' : 'newest';
}

/** The order of a search that begins here: that of the one before, if there was one. */
export function searchOrder(query: Query): Sort {
  return asks(query) ? query.sort : 'relevance';
}

/** A query for more like one item, within the same filters. */
export function moreLike({ filters }: Query, item: number): Query {
  return { ...emptyQuery, filters, like: [{ item, weight: USUAL_WEIGHT.like }] };
}

/**
 * Takes what stands behind a minus out of typed words: `beach -people -"a red car"`. A hyphen inside a
 * word is none.
 */
export function readWords(typed: string): Pick<Query, 'words' | 'not'> {
  const not: Unwanted[] = [];
  const rest = typed.replace(
    /(?<=^|\s)-(?:"([^"]*)"|([\p{L}\p{N}][^\s"]*))(?=\s|$)/gu,
    (_, phrase?: string, word?: string) => {
      const words = (phrase ?? word ?? '').trim();
      if (words !== '') not.push({ words, weight: USUAL_WEIGHT.not });
      return '';
    },
  );
  return { words: rest.replace(/\s+/g, ' ').trim(), not };
}

/** The fields of a query as the API and the address bar spell them, defaults left out. */
export function queryFields(query: Query) {
  const { words, picture, filters, in: target, sort } = query;
  const weighted = (value: string | number, weight: number, usual: number) =>
    weight === usual ? String(value) : `${value}^${weight}`;
  const items = (kind: 'like' | 'unlike') =>
    query[kind].map(({ item, weight }) => weighted(item, weight, USUAL_WEIGHT[kind]));
  const { takenAfter, takenBefore, hasCaption, missing, ...rest } = filters;
  return {
    q: words === '' ? undefined : words,
    like: items('like'),
    unlike: items('unlike'),
    picture,
    not: query.not.map((term) => weighted(term.words, term.weight, USUAL_WEIGHT.not)),
    in: target === 'image' ? undefined : target,
    sort: sort === 'relevance' ? undefined : sort,
    ...rest,
    takenAfter: takenAfter && shortTime(takenAfter),
    takenBefore: takenBefore && shortTime(takenBefore),
    hasCaption: yesOrNo(hasCaption),
    missing: yesOrNo(missing),
  };
}

/** The same as parameters of a URL. */
export function queryParameters(query: Query): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(queryFields(query))) {
    for (const each of [value ?? []].flat()) parameters.append(name, each);
  }
  return parameters;
}

/** The page's address for a query. */
export function queryHref(query: Query, more: Record<string, string | number> = {}): string {
  const parameters = queryParameters(query);
  for (const [name, value] of Object.entries(more)) parameters.set(name, String(value));
  const text = parameters.toString();
  return text === '' ? '/' : `/?${text}`;
}

/** A midnight as its day. */
export function shortTime(time: string): string {
  return time.replace(/T00:00:00(\.000)?Z$/, '');
}

function yesOrNo(value: boolean | undefined): 'true' | 'false' | undefined {
  return value === undefined ? undefined : value ? 'true' : 'false';
}
