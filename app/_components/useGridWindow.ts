// Which rows of a list's grids are drawn: those about the window, and the one that has the focus. The room of the others
// is known, so that nothing moves as they come and go, and what one looks at stays where it is when rows break elsewhere.
'use client';

import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type RefObject,
} from 'react';
import { flushSync } from 'react-dom';
import type { Query } from '../_lib/query';
import { measure } from './grid-measures';
import { cardRows, pictureRows, tileRatio, type Measures, type Row } from './grid-rows';
import { changed, focusedHit, gridOffsets, lookAt, viewOf, type Drawn } from './grid-view';
import type { Section } from './result-sections';
import { tileOf } from './shown-list';

export interface GridWindow {
  /** Whether the list takes the room that it will have; until then what a server would draw is enough. */
  laidOut: boolean;
  /** Of each section; null where all of them are drawn. */
  rows: readonly (readonly Row[])[] | null;
  /** By the keys of the sections. */
  drawn: ReadonlyMap<string, Drawn>;
  /** Scrolls to a picture, so that it is drawn. */
  reveal(item: number): void;
}

/**
 * @param list - what holds the sections, each with one grid
 * @param of - what the grids show: pictures, or cards of texts
 */
export function useGridWindow(
  list: RefObject<HTMLElement | null>,
  sections: readonly Section[],
  of: Query['in'],
): GridWindow {
  /** Undefined before the style sheet has been asked, null where it does not say. */
  const [measures, setMeasures] = useState<Measures | null>();
  const [drawn, setDrawn] = useState<ReadonlyMap<string, Drawn>>(new Map());
  const printing = usePrinting();
  const rows = useMemo(
    () =>
      measures && !printing
        ? sections.map(({ hits }) =>
            of === 'image'
              ? pictureRows(hits.map(tileRatio), measures)
              : cardRows(hits.length, measures),
          )
        : null,
    [sections, of, measures, printing],
  );
  const places = useMemo(() => placesOf(sections), [sections]);
  /** The first hit in the window, and how far down the list it lies. */
  const looked = useRef<{ hit: number; offset: number } | null>(null);

  /** How far down the list a hit lies; null where that is not known. */
  const offsetOf = useCallback(
    (hit: number): number | null => {
      const place = places.get(hit);
      const row = place && rows?.[place.section]?.find(({ to }) => to > place.at);
      return row === undefined ? null : gridOffsets(list.current!)[place!.section]! + row.top;
    },
    [list, places, rows],
  );

  const look = useCallback(() => {
    if (rows === null) return;
    const focused = places.get(focusedHit(list.current!));
    const [next, first] = lookAt(sections, rows, gridOffsets(list.current!), viewOf(list.current!));
    if (focused !== undefined) {
      const row = rows[focused.section]!.findIndex(({ to }) => to > focused.at);
      next[focused.section]![1].focused = row;
    }
    looked.current = first;
    setDrawn((before) => changed(before, next));
  }, [list, places, rows, sections]);

  useLayoutEffect(() => {
    const ask = () => {
      const said = measure(list.current!);
      setMeasures((before) => (JSON.stringify(before) === JSON.stringify(said) ? before : said));
    };
    const onResize = () => flushSync(ask);
    ask();
    window.addEventListener('resize', onResize);
    return () => window.removeEventListener('resize', onResize);
  }, [list, sections]);

  useLayoutEffect(() => {
    const before = looked.current;
    const offset = before && offsetOf(before.hit);
    if (before && offset !== null) window.scrollBy(0, offset - before.offset);
    look();
    const onScroll = () => flushSync(look);
    window.addEventListener('scroll', onScroll, { passive: true });
    return () => window.removeEventListener('scroll', onScroll);
  }, [look, offsetOf]);

  const reveal = useCallback(
    (item: number) => {
      const tile = tileOf(item);
      // A picture is one hit, of the same number.
      const offset = offsetOf(item);
      if (tile !== null) tile.scrollIntoView({ block: 'nearest' });
      else if (offset !== null) {
        const { top, bottom } = viewOf(list.current!);
        window.scrollBy(0, offset - (2 * top + bottom) / 3);
      }
      look();
    },
    [list, look, offsetOf],
  );
  return { laidOut: measures !== undefined, rows, drawn, reveal };
}

/** Paper has no window: while it is printed, all of a list is drawn. */
function usePrinting(): boolean {
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    const hear = ({ type }: Event) => flushSync(() => setPrinting(type === 'beforeprint'));
    window.addEventListener('beforeprint', hear);
    window.addEventListener('afterprint', hear);
    return () => {
      window.removeEventListener('beforeprint', hear);
      window.removeEventListener('afterprint', hear);
    };
  }, []);
  return printing;
}

function placesOf(sections: readonly Section[]): Map<number, { section: number; at: number }> {
  return new Map(
    sections.flatMap(({ hits }, section) =>
      hits.map(({ id }, at) => [id, { section, at }] as const),
    ),
  );
}
