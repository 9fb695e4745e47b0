// The pages of a list, kept as long as the tab is open, so that Back leads to where one was: to all that was loaded, and
// to the place in it. Browsers without the Navigation API begin at the first page.
'use client';

import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useState,
  type Dispatch,
  type SetStateAction,
} from 'react';

interface Page {
  hits: readonly { id: number }[];
}

interface Kept {
  name: string;
  pages: readonly Page[];
  top: number;
}

/** Lists; more than anyone goes back to. */
const CAPACITY = 30;
const kept = new Map<string, Kept>();

/** The entry of the browser's history that is shown: it stays the same when one comes back to it. */
function entry(): string {
  return globalThis.navigation?.currentEntry?.key ?? '';
}

interface KeptPages<P> {
  pages: P[];
  setPages: Dispatch<SetStateAction<P[]>>;
  /** Scrolls to where one was, when the pages take the room that they took. */
  restore(): void;
}

/** @param name - tells the lists apart that one entry of the history shows one after the other */
export function useKeptPages<P extends Page>(name: string, first: P): KeptPages<P> {
  const [pages, setPages] = useState<P[]>(() => {
    const before = kept.get(entry());
    const same = before?.name === name && before.pages.some((page) => idsOf(page) === idsOf(first));
    return same ? ([...before.pages] as P[]) : [first];
  });
  const restore = useCallback(() => {
    const before = kept.get(entry());
    if (before?.name === name) window.scrollTo(0, before.top);
  }, [name]);
  useLayoutEffect(() => {
    const here = entry();
    const note = () => {
      const now = kept.get(here);
      if (now?.name === name && entry() === here) now.top = window.scrollY;
    };
    window.addEventListener('scroll', note, { passive: true });
    return () => window.removeEventListener('scroll', note);
  }, [name]);
  useEffect(() => {
    const here = entry();
    if (here === '') return;
    const top = kept.get(here)?.name === name ? kept.get(here)!.top : window.scrollY;
    kept.delete(here);
    kept.set(here, { name, pages, top });
    const oldest = kept.keys().next().value;
    if (kept.size > CAPACITY && oldest !== undefined) kept.delete(oldest);
  }, [name, pages]);
  return { pages, setPages, restore };
}

function idsOf(page: Page): string {
  return page.hits.map(({ id }) => id).join();
}
