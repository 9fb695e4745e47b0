// From a query's meaning to the hits of one page: neighbours, fused with what has its words, looked up in
// the catalog.

import type { Catalog, ItemDetail, ItemFilter, TextMatch } from '#catalog';
import type { SearchPorts } from './embed';
import { FUSED, fuse, type Candidate } from './fuse';
import type { Hit, SearchQuery } from './types';

/** What is sorted by date; nobody looks through more. */
const SORTED_AT_MOST = 2_000;

/** A query that is understood. */
export interface Understood {
  query: SearchQuery;
  vector: Float32Array;
  /** The fingerprint of the model that made the vector. */
  model: string;
  /** The score below which hits are probably unrelated. */
  cutoff: Promise<number | null>;
}

/**
 * The hits from `offset` on, at most `limit`. Candidates may turn out not to be hits (a picture that
 * has just gone, a text found already, the item that was asked about): then it asks for more.
 */
export async function findHits(understood: Understood, ports: SearchPorts): Promise<Hit[]> {
  const { query } = understood;
  const { limit, offset = 0, sort = 'relevance' } = query;
  const end = offset + limit;
  if (sort === 'relevance') return (await ranked(understood, end, ports)).slice(offset, end);
  const all = await ranked(understood, SORTED_AT_MOST, ports);
  return all
    .filter(({ related }) => related)
    .sort(sort === 'oldest' ? byDate : (a, b) => byDate(b, a))
    .sort((a, b) => Number(a.takenAt === null) - Number(b.takenAt === null))
    .slice(offset, end);
}

/** The undated are for another sort to move: last, whichever way. */
function byDate(a: Hit, b: Hit): number {
  return (a.takenAt?.getTime() ?? 0) - (b.takenAt?.getTime() ?? 0);
}

/** The first `count` hits, best first; all of them if there are fewer. */
async function ranked(
  { query, vector, model, cutoff }: Understood,
  count: number,
  { engine, catalog }: SearchPorts,
): Promise<Hit[]> {
  const { in: modality, filter, like = [], unlike = [] } = query;
  const matches = withWords(query, catalog);
  const scored = await withScores(matches, vector, model, catalog);
  const least = matches.length > 0 ? FUSED : 0;
  for (let k = Math.max(count + like.length + unlike.length, least); ; k *= 2) {
    const request = { vector, model, modality, k, ...(filter && { filter }) };
    const neighbours = await engine.search(request);
    const candidates = fuse(neighbours, scored, await cutoff);
    const hits =
      modality === 'image'
        ? await pictures(candidates, query, catalog)
        : await texts(candidates, query, catalog);
    if (hits.length >= count || neighbours.length < k) return hits.slice(0, count);
  }
}

/** Pictures whose captions or file names have the words, where words are all that is asked for. */
function withWords(query: SearchQuery, catalog: Catalog): TextMatch[] {
  const { words = '', image, like = [], unlike = [], not = [], filter, fused } = query;
  if (!fused || query.in !== 'image' || words.trim() === '') return [];
  if (image !== undefined || like.length + unlike.length > 0 || filter?.missing) return [];
  return catalog.fullText(words, { limit: FUSED, filter, not: not.map(({ words }) => words) });
}

/** The matches that the model has seen, each with its similarity to the query. */
async function withScores(
  matches: TextMatch[],
  vector: Float32Array,
  fingerprint: string,
  catalog: Catalog,
): Promise<(TextMatch & { score: number })[]> {
  const model = matches.length > 0 ? await catalog.models.find(fingerprint) : null;
  if (!model) return [];
  const ids = matches.map(({ itemId }) => itemId);
  const found = catalog.embeddings.found(model, 'image', ids);
  const scores = new Map(
    found.ids.map((id, row) => {
      const own = found.vectors.subarray(row * vector.length, (row + 1) * vector.length);
      return [id, own.reduce((sum, x, i) => sum + x * vector[i]!, 0)];
    }),
  );
  return matches.flatMap((match) => {
    const score = scores.get(match.itemId);
    return score === undefined ? [] : [{ ...match, score }];
  });
}

async function pictures(
  candidates: Candidate[],
  { like = [], unlike = [], filter }: SearchQuery,
  catalog: Catalog,
): Promise<Hit[]> {
  const asked = new Set([...like, ...unlike].map(({ item }) => item));
  const items = await catalog.items(candidates.map(({ id }) => id));
  return candidates.flatMap((candidate): Hit[] => {
    const item = items.get(candidate.id);
    if (!item || !wanted(item, filter) || asked.has(candidate.id)) return [];
    return [{ ...candidate, kind: 'image', text: null, ...shown(item) }];
  });
}

/** Pictures may share a caption; the text is then one hit, with the first picture that carries it. */
async function texts(
  candidates: Candidate[],
  { filter }: SearchQuery,
  catalog: Catalog,
): Promise<Hit[]> {
  const captions = await catalog.captions(candidates.map(({ id }) => id));
  const hits = new Map<string, Hit>();
  for (const candidate of candidates) {
    const caption = captions.get(candidate.id);
    if (!caption || !wanted(caption.item, filter) || hits.has(caption.text)) continue;
    const { text, item } = caption;
    hits.set(text, { ...candidate, kind: 'text', text, ...shown(item) });
  }
  return [...hits.values()];
}

/** A picture that has gone is a hit only where it was asked for. */
function wanted({ path }: ItemDetail, filter: ItemFilter | undefined): boolean {
  return path !== null || filter?.missing === true;
}

function shown({ id, lastPath, width, height, captions, takenAt }: ItemDetail) {
  return { itemId: id, path: lastPath, width, height, captions, takenAt };
}
