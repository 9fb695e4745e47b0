// How many pictures there are of each kind, counted again only when the catalog has changed: a large one takes a tenth of a second.
import type { Facets, ItemFilter } from '#catalog';
import { catalog } from './services';

/** While pictures come in, counts may be this many times as old as they took. */
const PATIENCE = 20;
/** Filters that people have in force at a time. */
const CAPACITY = 50;

interface Counted {
  facets: Facets;
  version: number;
  /** Milliseconds: when they were counted, and for how long. */
  at: number;
  took: number;
}

const counted = new Map<string, Counted>();

/** @throws UnknownCollection if the filter names one that is not there */
export async function facetCounts(filter: ItemFilter | undefined): Promise<Facets> {
  const from = await catalog();
  const key = JSON.stringify(filter ?? {});
  const version = from.version();
  const now = performance.now();
  const known = counted.get(key);
  if (known && (known.version === version || now - known.at < PATIENCE * known.took))
    return known.facets;
  const facets = from.facets(filter);
  const took = performance.now() - now;
  counted.delete(key);
  counted.set(key, { facets, version, at: now, took });
  const oldest = counted.keys().next().value;
  if (counted.size > CAPACITY && oldest !== undefined) counted.delete(oldest);
  return facets;
}
