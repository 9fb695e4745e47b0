// From a query's meaning to the hits of one page: neighbours, fused with what has its words, looked up in
// the catalog.

import type { Catalog, ItemDetail, ItemFilter, TextMatch } from '#catalog';
import type { Neighbour } from '#vectors';
import type { SearchPorts } from './embed';
import { fuse, MATCHES, NEAREST, type Candidate, type Matched } from './fuse';
import type { Hit, SearchQuery } from './types';

/** Neighbours asked for at first, whatever the page: a page depends on no other's length. */
const FIRST = 64;
/** What is sorted by date: of more that is related, the best. */
const SORTED_AT_MOST = 10_000;
/** Neighbours asked for at first where all that is related is wanted. */
const RELATED_AT_FIRST = 1_000;

/** A query that is understood. */
export interface Understood {
  query: SearchQuery;
  vector: Float32Array;
  /** The fingerprint of the model that made the vector. */
  model: string;
  /** The score below which hits are probably unrelated. */
  cutoff: Promise<number | null>;
  /** What has the query's words, the best first. */
  matches: Promise<TextMatch[]>;
}

type Scored = Candidate & { score: number };

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
  const { limit, offset = 0 } = query;
  const end = offset + limit;
  const matches = await understood.matches;
  const neighbours = new Map<number, Neighbour>();
  for (let k = matches.length > 0 ? Math.max(FIRST, NEAREST) : FIRST; ; k *= 4) {
    const found = await near(understood, k, ports);
    for (const one of found) if (!neighbours.has(one.id)) neighbours.set(one.id, one);
    const exhausted = found.length < k;
    if (neighbours.size < end && !exhausted) continue;
    const candidates = fuse([...neighbours.values()], matches, await cutoff);
    const hits = await firstHits(candidates, end, understood, ports.catalog);
    if (hits.length >= end || exhausted) return hits.slice(offset);
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
  const candidates = page.map(({ id }) => related.get(id)!);
  return firstHits(candidates, limit, understood, ports.catalog);
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

/** The items that the query is about. */
function askedAbout({ like = [], unlike = [] }: SearchQuery): Set<number> {
  return new Set([...like, ...unlike].map(({ item }) => item));
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

/** The candidates that the model has seen, those whose words alone are known compared with the query. */
async function scored(
  candidates: readonly Candidate[],
  { vector, model: fingerprint, cutoff }: Understood,
  catalog: Catalog,
): Promise<Scored[]> {
  const ids = candidates.flatMap(({ id, score }) => (score === null ? [id] : []));
  const model = ids.length > 0 ? await catalog.models.find(fingerprint) : null;
  const scores = new Map<number, number>();
  if (model) {
    const { ids: known, vectors } = catalog.embeddings.found(model, 'image', ids);
    known.forEach((id, row) => {
      const own = vectors.subarray(row * vector.length, (row + 1) * vector.length);
      scores.set(
        id,
        own.reduce((sum, x, i) => sum + x * vector[i]!, 0),
      );
    });
  }
  const limit = (await cutoff) ?? -Infinity;
  return candidates.flatMap(({ score, ...candidate }): Scored[] => {
    if (score !== null) return [{ ...candidate, score }];
    const found = scores.get(candidate.id);
    if (found === undefined) return [];
    const matched: Matched[] =
      found >= limit ? ['meaning', ...candidate.matched] : candidate.matched;
    return [{ ...candidate, score: found, matched }];
  });
}

/** Looks candidates up until there are `count` hits: what comes behind them nobody sees. */
async function firstHits(
  candidates: readonly Candidate[],
  count: number,
  understood: Understood,
  catalog: Catalog,
): Promise<Hit[]> {
  const { query } = understood;
  const lookUp = query.in === 'image' ? pictures : texts;
  const hits = new Map<number | string, Hit>();
  for (let at = 0; at < candidates.length && hits.size < count;) {
    const some = await scored(candidates.slice(at, (at += count - hits.size)), understood, catalog);
    for (const [key, hit] of await lookUp(some, query, catalog)) {
      if (!hits.has(key)) hits.set(key, hit);
    }
  }
  return [...hits.values()];
}

async function pictures(
  candidates: Scored[],
  query: SearchQuery,
  catalog: Catalog,
): Promise<[number, Hit][]> {
  const asked = askedAbout(query);
  const items = await catalog.items(candidates.map(({ id }) => id));
  return candidates.flatMap((candidate): [number, Hit][] => {
    const item = items.get(candidate.id);
    if (!item || !wanted(item, query.filter) || asked.has(candidate.id)) return [];
    return [[item.id, { ...candidate, kind: 'image', text: null, ...shown(item) }]];
  });
}

/** Pictures may share a caption; the text is then one hit, with the first picture that carries it. */
async function texts(
  candidates: Scored[],
  { filter }: SearchQuery,
  catalog: Catalog,
): Promise<[string, Hit][]> {
  const captions = await catalog.captions(candidates.map(({ id }) => id));
  return candidates.flatMap((candidate): [string, Hit][] => {
    const caption = captions.get(candidate.id);
    if (!caption || !wanted(caption.item, filter)) return [];
    const { text, item } = caption;
    return [[text, { ...candidate, kind: 'text', text, ...shown(item) }]];
  });
}

/** A picture that has gone is a hit only where it was asked for. */
function wanted({ path }: ItemDetail, filter: ItemFilter | undefined): boolean {
  return path !== null || filter?.missing === true;
}

function shown({ id, sha256, lastPath, width, height, captions, takenAt }: ItemDetail) {
  return { itemId: id, sha256, path: lastPath, width, height, captions, takenAt };
}
