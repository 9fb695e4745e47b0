// The months of a list by date: what a rail leads to, and where in the list each of them begins.
'use client';

import { useEffect, useMemo, useState } from 'react';
import { fetchFacets } from '../_lib/api';
import { browseOrder, type Query } from '../_lib/query';
import type { FacetCounts } from '../_lib/results';

/** A month, or what has no date. */
export interface Stop {
  /** YYYY-MM; null for what has no date. */
  month: string | null;
  /** Pictures; null where the list has only some of the month's. */
  count: number | null;
}

/** The stops of a list in its order; none while they are not known. */
export function useStops(query: Query): Stop[] {
  const [facets, setFacets] = useState<FacetCounts | null>(null);
  const key = JSON.stringify(query.filters);
  useEffect(() => {
    const abort = new AbortController();
    const filters = JSON.parse(key) as Query['filters'];
    fetchFacets(filters, abort.signal).then(setFacets, () => undefined);
    return () => abort.abort();
  }, [key]);
  const order = browseOrder(query);
  return useMemo(() => {
    if (facets === null) return [];
    const { takenAfter, takenBefore } = JSON.parse(key) as Query['filters'];
    const from = takenAfter === undefined ? -Infinity : Date.parse(takenAfter);
    const to = takenBefore === undefined ? Infinity : Date.parse(takenBefore);
    const stops = facets.months.flatMap(({ value, count }): Stop[] => {
      const [first, end] = [begin(value), begin(value, 1)];
      if (end <= from || first >= to) return [];
      return [{ month: value, count: first >= from && end <= to ? count : null }];
    });
    if (order === 'oldest') stops.reverse();
    // A date leaves out what has none.
    if (facets.undated > 0 && from === -Infinity && to === Infinity) {
      stops.push({ month: null, count: facets.undated });
    }
    return stops;
  }, [facets, key, order]);
}

/** The place in a list, as the API spells it, that lies right before a stop. */
export function cursorBefore({ month }: Stop, order: 'newest' | 'oldest'): string {
  const beyond = order === 'newest' ? 999_999_999_999_999 : 0;
  if (month === null) return `undated_${beyond}`;
  return order === 'newest' ? `${begin(month, 1)}_0` : `${begin(month) - 1}_999999999999999`;
}

/** When a month begins, or one after it, in milliseconds. */
function begin(month: string, later = 0): number {
  const first = new Date(`${month}-01T00:00Z`);
  return first.setUTCMonth(first.getUTCMonth() + later);
}
