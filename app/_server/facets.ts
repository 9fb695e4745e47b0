// How many pictures there are of each kind, counted again only when the catalog has changed: a large one takes a tenth of a second.
import type { Facets, ItemFilter } from '#catalog';
import { catalog } from './services';

/** Counts may be this old while pictures come in. */
const freshMs = 10_000;
/** Filters that people have in force at a time. */
const CAPACITY = 50;

interface Counted {
  facets: Facets;
  version: number;
  at: number;
}

const counted = new Map<string, Counted>();

/** @throws UnknownCollection if the filter names one that is not there */
export async function facetCounts(filter: ItemFilter | undefined): Promise<Facets> {
  const from = await catalog();
  const key = JSON.stringify(filter ?? {});
  const version = from.version();
  const now = performance.now();
  const known = counted.get(key);
  if (known && (known.version === version || now - known.at < freshMs)) return known.facets;
  const facets = from.facets(filter);
  counted.delete(key);
  counted.set(key, { facets, version, at: now });
  const oldest = counted.keys().next().value;
  if (counted.size > CAPACITY && oldest !== undefined) counted.delete(oldest);
  return facets;
}
