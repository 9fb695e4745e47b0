// From a query's meaning to the candidates for one page: neighbours, fused with what has its words.

import type { TextMatch } from '#catalog';
import type { Neighbour } from '#vectors';
import type { SearchPorts } from './embed';
import { fuse, MATCHES, NEAREST } from './fuse';
import { askedAbout, lookUp, Page, scored, type Scored, type Understood } from './page';
import type { Hit, SearchQuery } from './types';

/** Neighbours asked for at first, whatever the page: a page depends on no other's length. */
const FIRST = 64;
/** What is sorted by date: of more that is related, the best. */
const SORTED_AT_MOST = 10_000;
/** Neighbours asked for at first where all that is related is wanted. */
const RELATED_AT_FIRST = 1_000;

/** The hits from `offset` on, at most `limit`. */
export function findHits(understood: Understood, ports: SearchPorts): Promise<Hit[]> {
  const { sort = 'relevance' } = understood.query;
  return sort === 'relevance' ? byRelevance(understood, ports) : byDate(understood, ports);
}

/**
 * Candidates may turn out not to be hits (a picture that has just gone, a text found already, the item
 * that was asked about): then it asks for more. An index that finds nearly all may find one among more that
 * it missed among fewer; it then comes behind what was found before, so that it moves nothing to another page.
 */
async function byRelevance(understood: Understood, ports: SearchPorts): Promise<Hit[]> {
  const { query, cutoff } = understood;
  const matches = await understood.matches;
  const neighbours = new Map<number, Neighbour>();
  const page = new Page(understood, ports.catalog);
  for (let k = matches.length > 0 ? Math.max(FIRST, NEAREST) : FIRST; ; k *= 4) {
    const found = await near(understood, k, ports);
    for (const one of found) if (!neighbours.has(one.id)) neighbours.set(one.id, one);
    const exhausted = found.length < k;
    if (neighbours.size < page.end && !exhausted) continue;
    await page.fill(fuse([...neighbours.values()], matches, await cutoff));
    if (page.isFull || exhausted) return lookUp(page.chosen, query.in, ports.catalog);
  }
}

/** All that is related in order of time, the undated last, whichever way. */
async function byDate(understood: Understood, ports: SearchPorts): Promise<Hit[]> {
  const { query } = understood;
  const { limit, offset = 0, sort } = query;
  const related = new Map((await allRelated(understood, ports)).map((one) => [one.id, one]));
  const asked = askedAbout(query);
  const dated = ports.catalog
    .dated([...related.keys()], query.in, query.filter?.missing)
    .filter(({ id }) => query.in === 'text' || !asked.has(id));
  const direction = sort === 'oldest' ? 1 : -1;
  const page = dated
    .sort((a, b) => direction * ((a.takenAt ?? 0) - (b.takenAt ?? 0)))
    .sort((a, b) => Number(a.takenAt === null) - Number(b.takenAt === null))
    .slice(offset, offset + limit);
  const chosen = page.map(({ id }) => related.get(id)!);
  return lookUp(chosen, query.in, ports.catalog);
}

/** The candidates above the line, the best first; at most SORTED_AT_MOST. */
async function allRelated(understood: Understood, ports: SearchPorts): Promise<Scored[]> {
  const matches = await understood.matches;
  const cutoff = await understood.cutoff;
  for (let k = RELATED_AT_FIRST; ; k = Math.min(4 * k, SORTED_AT_MOST)) {
    const neighbours = await near(understood, k, ports);
    const last = neighbours.at(-1);
    const reached = !last || neighbours.length < k || last.score < (cutoff ?? -Infinity);
    if (!reached && k < SORTED_AT_MOST) continue;
    const candidates = fuse(neighbours, matches, cutoff).filter(({ related }) => related);
    return scored(candidates, understood, ports.catalog);
  }
}

function near({ query, vector, model }: Understood, k: number, { engine }: SearchPorts) {
  const { in: modality, filter } = query;
  return engine.search({ vector, model, modality, k, ...(filter && { filter }) });
}

/** Pictures whose captions or file names have the words, where words are all that is asked for. */
export async function wordMatches(
  query: SearchQuery,
  { catalog, words = catalog }: SearchPorts,
): Promise<TextMatch[]> {
  const { words: text = '', image, not = [], filter, fused } = query;
  if (!fused || query.in !== 'image' || text.trim() === '') return [];
  if (image !== undefined || askedAbout(query).size > 0 || filter?.missing) return [];
  return words.fullText(text, { limit: MATCHES, filter, not: not.map(({ words }) => words) });
}
