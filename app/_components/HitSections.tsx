// Hits under their headings, found or listed, with the way to more of them.
'use client';

import { useLayoutEffect, useMemo, useRef } from 'react';
import { queryHref, type Query } from '../_lib/query';
import type { ListedHit } from '../_lib/results';
import { messages } from './messages';
import { PictureGrid } from './PictureGrid';
import styles from './ResultList.module.css';
import { resultSections } from './result-sections';
import { SelectionBar } from './selection/SelectionBar';
import { useSelection } from './selection/useSelection';
import { useLanguage, useMessages } from './shell/language';
import { NO_LIST, useShowList } from './shown-list';
import { TextList } from './TextList';
import { useGridWindow } from './useGridWindow';
import type { More } from './useMore';
import { useTileKeys } from './useTileKeys';

/** Hits that are drawn before it is known where they lie: as many as a page may have. */
const FIRST = 200;

interface Props {
  query: Query;
  more: More<ListedHit, string | number>;
  /** The parameter of the address that says where a page begins. */
  from: 'offset' | 'after';
}

export function HitSections({ query, more, from }: Props) {
  const text = useMessages(messages);
  const language = useLanguage();
  const { hits, next, loading, problem, sentinel, restore } = more;
  const list = useRef<HTMLDivElement>(null);
  const pictures = query.in === 'image';
  const items = useMemo(() => hits.map(({ itemId }) => itemId), [hits]);
  const selection = useSelection(items);
  const { chosen, isChosen, gone, choose } = selection;
  const left = useMemo(() => hits.filter(({ itemId }) => !gone.has(itemId)), [hits, gone]);
  const sections = useMemo(
    () => resultSections(left, query, text, language),
    [left, query, text, language],
  );
  const { laidOut, rows, drawn, reveal } = useGridWindow(list, sections, query.in);
  useLayoutEffect(() => {
    if (laidOut) restore();
  }, [laidOut, restore]);
  const shown = useMemo(
    () => (pictures ? { items: left.map(({ itemId }) => itemId), reveal } : NO_LIST),
    [pictures, left, reveal],
  );
  useShowList(shown);
  const onKeyDown = useTileKeys(shown);
  const before = sections.map((_, at) =>
    sections.slice(0, at).reduce((sum, section) => sum + section.hits.length, 0),
  );
  return (
    <>
      <div
        ref={list}
        className={styles.list}
        data-choosing={chosen.length > 0}
        onKeyDown={onKeyDown}
        {...selection.hands}
      >
        {sections.map(({ key, kind, heading, hits }, at) => {
          const part = {
            hits: laidOut ? hits : hits.slice(0, FIRST),
            query,
            rows: rows?.[at] ?? null,
            drawn: drawn.get(key),
          };
          return (
            <section key={key} aria-label={heading ?? undefined}>
              {heading !== null && <h2 className={styles[kind]}>{heading}</h2>}
              {pictures ? (
                <PictureGrid {...part} before={before[at]!} chosen={isChosen} onChoose={choose} />
              ) : (
                <TextList {...part} />
              )}
            </section>
          );
        })}
      </div>
      {problem !== null && (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      )}
      {next !== null && (
        <a
          ref={sentinel}
          className={styles.more}
          href={queryHref(query, { [from]: next })}
          onClick={more.more}
          aria-busy={loading}
        >
          {loading ? text.loading : text.showMore}
        </a>
      )}
      <SelectionBar query={query} selection={selection} />
    </>
  );
}
