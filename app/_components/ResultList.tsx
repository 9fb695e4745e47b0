// The answer to a query: a line that says what it is, the hits in sections, and more of them as one scrolls.
'use client';

import { useEffect, useMemo } from 'react';
import { queryHref, type Query } from '../_lib/query';
import type { LibraryStatus, Results } from '../_lib/results';
import { messages } from './messages';
import { useNavigation } from './navigation';
import { PictureGrid } from './PictureGrid';
import styles from './ResultList.module.css';
import { resultSections, resultTitle } from './result-sections';
import { useLanguage, useMessages } from './shell/language';
import { NoHits } from './states';
import { TextList } from './TextList';
import { useMore } from './useMore';
import { useTileKeys } from './useTileKeys';

interface Props {
  query: Query;
  first: Results;
  library: LibraryStatus;
  /** The picture searched by, when it is one that only the browser has. */
  picture?: File;
}

export function ResultList({ query, first, library, picture }: Props) {
  const text = useMessages(messages);
  const language = useLanguage();
  const { hits, next, loading, problem, more, sentinel } = useMore(query, first, picture);
  const sections = useMemo(
    () => resultSections(hits, query, text, language),
    [hits, query, text, language],
  );
  const onKeyDown = useTileKeys();
  const { setOrder } = useNavigation();
  useEffect(() => {
    setOrder(query.in === 'image' ? hits.map(({ itemId }) => itemId) : []);
  }, [hits, setOrder, query.in]);

  const related = hits.filter((hit) => hit.related).length;
  const before = sections.map((_, at) =>
    sections.slice(0, at).reduce((sum, section) => sum + section.hits.length, 0),
  );
  return (
    <>
      <div className={styles.head}>
        <h1>{resultTitle(query, text)}</h1>
        <p className={styles.took} role="status">
          {summary(first, related, related === hits.length && next !== null)}
        </p>
      </div>
      {hits.length === 0 && <NoHits query={query} library={library} />}
      {hits.length > 0 && related === 0 && (
        <div className={styles.nothing}>
          <h2>{text.nothingClose}</h2>
          <p>{text.nothingCloseWhy}</p>
        </div>
      )}
      <div onKeyDown={onKeyDown}>
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
          href={queryHref(query, { offset: next })}
          onClick={more}
          aria-busy={loading}
        >
          {loading ? text.loading : text.showMore}
        </a>
      )}
    </>
  );

  function summary({ cutoff, took }: Results, count: number, open: boolean): string {
    const time = text.took(Math.max(1, Math.round(took.encodeMs + took.searchMs)));
    const closest = text.closest[query.in];
    return cutoff === null ? `${closest}, ${time}` : `${text.matching(count, open)}, ${time}`;
  }
}
