// The answer to a query: a line that says what it is, and the hits, more of them as one scrolls.
'use client';

import { useCallback } from 'react';
import { fetchResults, postPicture } from '../_lib/api';
import { formatFor } from '../_lib/format';
import { queryHref, type Query } from '../_lib/query';
import type { LibraryStatus, Results } from '../_lib/results';
import { HitSections } from './HitSections';
import { messages } from './messages';
import styles from './ResultList.module.css';
import { resultTitle } from './result-sections';
import { useLanguage, useMessages } from './shell/language';
import { NoHits } from './states';
import { useMore } from './useMore';

interface Props {
  query: Query;
  first: Results;
  library: LibraryStatus;
  /** The picture searched by, when it is one that only the browser has. */
  picture?: File;
}

export function ResultList({ query, first, library, picture }: Props) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const fetchPage = useCallback(
    (offset: number) =>
      picture === undefined ? fetchResults(query, offset) : postPicture(picture, query, offset),
    [query, picture],
  );
  const more = useMore(queryHref(query), first, fetchPage);
  const { hits, next } = more;
  const related = hits.filter((hit) => hit.related).length;
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
      <HitSections query={query} more={more} from="offset" />
    </>
  );

  function summary({ cutoff, took }: Results, count: number, open: boolean): string {
    const time = text.took(Math.max(1, Math.round(took.encodeMs + took.searchMs)));
    const closest = text.closest[query.in];
    return format.list([cutoff === null ? closest : text.matching(count, open), time]);
  }
}
