// The pictures before those that a list by date begins with: whole months, fetched before one has scrolled up to them.
'use client';

import { useEffect, useRef, useState, type RefObject } from 'react';
import { fetchListed } from '../_lib/api';
import { browseOrder, type Query } from '../_lib/query';
import type { ListedHit } from '../_lib/results';
import { cursorBefore, type Stop } from './months';

/** How far above the window the list may begin when what stands before it is fetched. */
const AHEAD = '1600px 0px';
/** Pictures that are worth fetching, and as many as one answer has. */
const WORTH = 60;
const LIMIT = 200;
/** Milliseconds after which it is tried again where it has failed; a link leads to the beginning meanwhile. */
const AGAIN = 5000;

interface Props {
  query: Query;
  stops: readonly Stop[];
  /** The place that the list begins at; null where it begins with the first picture of all. */
  begin: string | null;
  hits: readonly ListedHit[];
  /** Takes the pictures before these, and the place that the list then begins at. */
  onPrevious(hits: ListedHit[], begin: string | null): void;
}

/** @returns for what stands above the list: that it comes near the window fetches what was before */
export function usePrevious(props: Props): RefObject<HTMLDivElement | null> {
  const { query, stops, begin, hits, onPrevious } = props;
  const top = useRef<HTMLDivElement>(null);
  const [waiting, setWaiting] = useState(false);
  useEffect(() => {
    if (begin === null || hits.length === 0 || stops.length === 0 || waiting) return;
    const load = async () => {
      setWaiting(true);
      try {
        const from = stopBefore(stops, begin, hits[0]!, query);
        if (from < 0) onPrevious([], null);
        else {
          const place = cursorBefore(stops[from]!, browseOrder(query));
          onPrevious(await listedUpTo(hits, query, place), from === 0 ? null : place);
        }
        setWaiting(false);
      } catch {
        setTimeout(() => setWaiting(false), AGAIN);
      }
    };
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) void load();
      },
      { rootMargin: AHEAD },
    );
    observer.observe(top.current!);
    return () => observer.disconnect();
  }, [query, stops, begin, hits, onPrevious, waiting]);
  return top;
}

/** The stop to begin with, so that enough pictures come before those that are there; −1 if there are none. */
function stopBefore(stops: readonly Stop[], begin: string, first: ListedHit, query: Query): number {
  const month = first.takenAt?.slice(0, 7) ?? null;
  const own = stops.findIndex((stop) => stop.month === month);
  const whole = own >= 0 && cursorBefore(stops[own]!, browseOrder(query)) === begin;
  let from = whole ? own - 1 : own;
  for (let count = 0; from > 0; from--) {
    count += stops[from]!.count ?? WORTH;
    if (count >= WORTH) break;
  }
  return from;
}

/** The pictures from a place in a list up to the first of those that are there. */
async function listedUpTo(
  hits: readonly ListedHit[],
  query: Query,
  from: string,
): Promise<ListedHit[]> {
  const known = new Set(hits.map(({ id }) => id));
  const found: ListedHit[] = [];
  for (let next: string | null = from; next !== null;) {
    const page = await fetchListed(query, next, LIMIT);
    const end = page.hits.findIndex(({ id }) => known.has(id));
    found.push(...(end < 0 ? page.hits : page.hits.slice(0, end)));
    next = end < 0 ? page.next : null;
  }
  return found;
}
