// One page of hits: which of the candidates are on it, and how they are shown.

import type { Catalog, ItemDetail, Modality, TextMatch } from '#catalog';
import type { Candidate, Matched } from './fuse';
import type { Hit, SearchQuery } from './types';

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

export type Scored = Candidate & { score: number };

/**
 * The candidates that are hits, from `offset` on: items that are there, and texts, each once. What comes before is
 * only counted, and what comes behind nobody sees.
 */
export class Page {
  readonly chosen: Scored[] = [];
  /** Of what comes before, and of what is chosen: items, or texts. */
  private readonly keys = new Set<number | string>();
  /** Candidates that have been looked at. */
  private seen = 0;

  constructor(
    private readonly understood: Understood,
    private readonly catalog: Catalog,
  ) {}

  /** So many hits are there with those before the page. */
  get end(): number {
    const { limit, offset = 0 } = this.understood.query;
    return offset + limit;
  }

  get isFull(): boolean {
    return this.keys.size >= this.end;
  }

  /** @param candidates - best first: those it was given before, and more. */
  async fill(candidates: readonly Candidate[]): Promise<void> {
    const { understood, catalog } = this;
    while (this.seen < candidates.length && !this.isFull) {
      // Where few are hits (many pictures share a text), more at a time.
      const count = Math.max(this.end - this.keys.size, this.seen);
      const next = candidates.slice(this.seen, (this.seen += count));
      this.choose(await scored(next, understood, catalog));
    }
  }

  private choose(some: readonly Scored[]): void {
    const { in: target, filter, offset = 0, ...terms } = this.understood.query;
    const asked = target === 'image' ? askedAbout(terms) : new Set();
    const byId = new Map(some.map((one) => [one.id, one]));
    for (const { id, text } of this.catalog.dated([...byId.keys()], target, filter?.missing)) {
      const key = text ?? id;
      if (this.isFull || this.keys.has(key) || asked.has(id)) continue;
      this.keys.add(key);
      if (this.keys.size > offset) this.chosen.push(byId.get(id)!);
    }
  }
}

/** The chosen as they are shown. */
export async function lookUp(
  chosen: readonly Scored[],
  target: Modality,
  catalog: Catalog,
): Promise<Hit[]> {
  const ids = chosen.map(({ id }) => id);
  if (target === 'image') {
    const items = await catalog.items(ids);
    return chosen.flatMap((one): Hit[] => {
      const item = items.get(one.id);
      return item ? [{ ...one, kind: target, text: null, ...shown(item) }] : [];
    });
  }
  const captions = await catalog.captions(ids);
  return chosen.flatMap((one): Hit[] => {
    const caption = captions.get(one.id);
    return caption ? [{ ...one, kind: target, text: caption.text, ...shown(caption.item) }] : [];
  });
}

function shown({ id, sha256, lastPath, width, height, captions, takenAt }: ItemDetail) {
  return { itemId: id, sha256, path: lastPath, width, height, captions, takenAt };
}
/** The items that the query is about. */
export function askedAbout({
  like = [],
  unlike = [],
}: Pick<SearchQuery, 'like' | 'unlike'>): Set<number> {
  return new Set([...like, ...unlike].map(({ item }) => item));
}

/** The candidates that the model has seen, those whose words alone are known compared with the query. */
export async function scored(
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
