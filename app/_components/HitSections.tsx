// Hits under their headings, found or listed, with the way to more of them.
'use client';

import { useMemo, useRef } from 'react';
import { queryHref, type Query } from '../_lib/query';
import type { ListedHit } from '../_lib/results';
import { messages } from './messages';
import { PictureGrid } from './PictureGrid';
import styles from './ResultList.module.css';
import { resultSections } from './result-sections';
import { SelectionBar } from './selection/SelectionBar';
import { useSelection } from './selection/useSelection';
import { useLanguage, useMessages } from './shell/language';
import { TextList } from './TextList';
import type { More } from './useMore';
import { useTileKeys } from './useTileKeys';

interface Props {
  query: Query;
  more: More<ListedHit, string | number>;
  /** The parameter of the address that says where a page begins. */
  from: 'offset' | 'after';
}

export function HitSections({ query, more, from }: Props) {
  const text = useMessages(messages);
  const language = useLanguage();
  const { hits, next, loading, problem, sentinel } = more;
  const list = useRef<HTMLDivElement>(null);
  const selection = useSelection(list);
  const { chosen, gone } = selection;
  const sections = useMemo(() => {
    const left = hits.filter(({ itemId }) => !gone.has(itemId));
    return resultSections(left, query, text, language);
  }, [hits, gone, query, text, language]);
  const onKeyDown = useTileKeys();
  const before = sections.map((_, at) =>
    sections.slice(0, at).reduce((sum, section) => sum + section.hits.length, 0),
  );
  return (
    <>
      <div ref={list} data-choosing={chosen.length > 0} onKeyDown={onKeyDown} {...selection.hands}>
        {sections.map((section, at) => (
          <section key={section.key} aria-label={section.heading ?? undefined}>
            {section.heading !== null && (
              <h2 className={styles[section.kind]}>{section.heading}</h2>
            )}
            {query.in === 'image' ? (
              <PictureGrid hits={section.hits} query={query} before={before[at] ?? 0} />
            ) : (
              <TextList hits={section.hits} query={query} />
            )}
          </section>
        ))}
      </div>
      {problem !== null && <p role="alert">{problem}</p>}
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
