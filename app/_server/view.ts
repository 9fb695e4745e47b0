// Chooses what one address of the page shows.
import type { Language } from '../_lib/language';
import { asks, browseOrder, browses, emptyQuery, type Query } from '../_lib/query';
import type { Detail, FacetCounts, LibraryStatus, Picture } from '../_lib/results';
import type { View } from '../_lib/view';
import { facetCounts } from './facets';
import { itemAnswer } from './items';
import { pageLanguage } from './language';
import { asPicture, libraryStatus } from './library';
import { picturesOf } from './pictures';
import { parseItemId, parsePageQuery, type ParsedQuery } from './parse';
import { explain } from './problem';
import { runSearch } from './searching';
import { catalog, engine } from './services';

const WALL_SIZE = 60;
/** For the sample gallery; what fits other libraries is for their owners to know. */
const GALLERY_EXAMPLES: Record<Language, string[]> = {
  en: ['sad face', 'something to drink', 'red fruit', 'means of transport'],
  zh: ['红色的水果', '下雨', '火车', '红心'],
};

export interface PageData {
  query: Query;
  view: View;
  /** The pictures of the items that the query names. */
  pictures: Record<number, Picture>;
  facets: FacetCounts | null;
  /** The picture that the address shows over the page. */
  detail: Detail | null;
  library: LibraryStatus;
}

export async function loadPage(
  parameters: Record<string, string | string[] | undefined>,
): Promise<PageData> {
  const library = await libraryStatus();
  let query = emptyQuery;
  try {
    const parsed = parsePageQuery(parameters);
    query = parsed.query;
    const facets = parameters.facets === undefined ? null : await facetCounts(parsed.filter);
    const after = typeof parameters.after === 'string' ? parameters.after : undefined;
    const view = await chooseView(parsed, after, library);
    const detail =
      typeof parameters.item === 'string' ? await itemAnswer(parseItemId(parameters.item)) : null;
    return { query, view, pictures: await picturesIn(query), facets, detail, library };
  } catch (error) {
    const { status, message } = explain(error);
    const view: View = status === 503 ? await whileUnavailable() : { state: 'problem', message };
    return { query, view, pictures: {}, facets: null, detail: null, library };
  }
}

async function picturesIn({ like, unlike }: Query): Promise<Record<number, Picture>> {
  const pictures = await picturesOf([...like, ...unlike].map(({ item }) => item));
  return Object.fromEntries(pictures.map((picture) => [picture.itemId, picture]));
}

async function chooseView(
  parsed: ParsedQuery,
  after: string | undefined,
  library: LibraryStatus,
): Promise<View> {
  if (library.items === 0) return { state: 'empty' };
  if (browses(parsed.query)) return browse(parsed, after);
  if (!asks(parsed.query)) return welcome();
  if (parsed.query.picture !== undefined) return { state: 'picture' };
  return { state: 'results', results: await runSearch(parsed), offset: parsed.offset };
}

async function browse(
  { query, filter, limit }: ParsedQuery,
  after: string | undefined,
): Promise<View> {
  const { ids, next } = (await catalog()).list({ filter, order: browseOrder(query), after, limit });
  const { withCaption, without } = (await facetCounts(filter)).captions;
  const { hasCaption } = query.filters;
  // Captions are counted without the filter's own condition on them.
  const total = (hasCaption === false ? 0 : withCaption) + (hasCaption === true ? 0 : without);
  return { state: 'browse', pictures: await picturesOf(ids), next, total };
}

async function welcome(): Promise<View> {
  const from = await catalog();
  const [items, names] = await Promise.all([from.sample(WALL_SIZE), from.collections.list()]);
  const hasGallery = names.some(({ name }) => name === 'gallery');
  return {
    state: 'welcome',
    pictures: mixed(items).map(asPicture),
    examples: hasGallery ? GALLERY_EXAMPLES[await pageLanguage()] : [],
  };
}

/** Neighbours in a folder, which are often alike, come apart: the golden ratio spreads any list evenly. */
function mixed<T>(list: T[]): T[] {
  const spread = list.map((value, index) => ({ value, at: (index * 0.618034) % 1 }));
  return spread.sort((one, other) => one.at - other.at).map(({ value }) => value);
}

async function whileUnavailable(): Promise<View> {
  const { state, error = 'The engine could not start.' } = await engine().status();
  return { state: 'warming', failure: state === 'failed' ? error : null };
}
