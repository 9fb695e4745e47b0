// The pages of hits after the first: the next one is fetched before one has scrolled to the end.
'use client';

import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type MouseEvent,
  type RefObject,
} from 'react';
import { retryAfter } from '../_lib/api';
import { useKeptPages } from './useKeptPages';

/** How far below the window the end may be when the next page is fetched. */
const AHEAD = '1600px';

export interface HitPage<Hit, Next> {
  hits: Hit[];
  /** Names the next page; null after the last. */
  next: Next | null;
  /** The place at which it begins, where that is not the first of all. */
  begin?: Next | null;
}

/** The hits of all pages so far, each once, and the way on. */
export interface More<Hit, Next> extends HitPage<Hit, Next> {
  begin: Next | null;
  loading: boolean;
  problem: string | null;
  /** Follows the link to the next page in place; its address serves where there is no JavaScript. */
  more(event: MouseEvent): void;
  /** Takes hits that stand before all of these. */
  onPrevious(hits: Hit[], begin: Next | null): void;
  /** The link: that it comes near fetches the next page. */
  sentinel: RefObject<HTMLAnchorElement | null>;
  /** Scrolls to where one was when one left the list, once its hits take the room that they took. */
  restore(): void;
}

/**
 * @param name - of the list: what it is that is listed
 * @param fetchPage - fetches the page of a name; the same function as long as the query is the same
 */
export function useMore<Hit extends { id: number }, Next>(
  name: string,
  first: HitPage<Hit, Next>,
  fetchPage: (next: Next) => Promise<HitPage<Hit, Next>>,
): More<Hit, Next> {
  const { pages, setPages, restore } = useKeptPages(name, first);
  const [problem, setProblem] = useState<string | null>(null);
  const [loading, setLoading] = useState(false);
  const sentinel = useRef<HTMLAnchorElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const next = pages.at(-1)?.next ?? null;

  const load = useCallback(async () => {
    if (next === null || loading) return;
    setLoading(true);
    try {
      const page = await fetchPage(next);
      setPages((known) => [...known, page]);
      setProblem(null);
    } catch (error) {
      setProblem((error as Error).message);
      const wait = retryAfter(error as Error);
      if (wait !== null) timer.current = setTimeout(() => setProblem(null), wait);
    }
    setLoading(false);
  }, [fetchPage, next, loading, setPages]);

  // A page that failed is asked for again by hand only, or when the server has said that it may.
  const patient = problem !== null;
  useEffect(() => {
    const end = sentinel.current;
    if (end === null || patient) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) void load();
      },
      { rootMargin: AHEAD },
    );
    observer.observe(end);
    return () => observer.disconnect();
  }, [load, patient]);

  const onPrevious = useCallback(
    (hits: Hit[], begin: Next | null) =>
      setPages((known) => [{ hits, next: null, begin }, ...known]),
    [setPages],
  );
  const more = (event: MouseEvent) => {
    event.preventDefault();
    void load();
  };
  const hits = useMemo(() => distinct(pages), [pages]);
  const begin = pages[0]?.begin ?? null;
  return { hits, begin, onPrevious, next, loading, problem, more, sentinel, restore };
}

/** Each hit once: the collection may have changed between two pages. */
function distinct<Hit extends { id: number }>(pages: HitPage<Hit, unknown>[]): Hit[] {
  return [...new Map(pages.flatMap(({ hits }) => hits).map((hit) => [hit.id, hit])).values()];
}
