// The library by date, or the part of it that the filters leave, month by month.
'use client';

import { useSearchParams } from 'next/navigation';
import { useCallback, useMemo } from 'react';
import { fetchListed } from '../_lib/api';
import { browseOrder, queryHref, type Query } from '../_lib/query';
import { listed, type LibraryStatus } from '../_lib/results';
import type { Browsed } from '../_lib/view';
import { HitSections } from './HitSections';
import { UpIcon } from './icons';
import { messages } from './messages';
import { useStops, type Stop } from './months';
import { QueryLink } from './navigation';
import styles from './ResultList.module.css';
import { useMessages } from './shell/language';
import { NoHits } from './states';
import { Timeline } from './Timeline';
import { useMore } from './useMore';
import { usePrevious } from './usePrevious';

interface Props {
  query: Query;
  first: Browsed;
  library: LibraryStatus;
}

export function Browse(props: Props) {
  const { query, first } = props;
  const stops = useStops(query);
  const name = queryHref(query, { after: first.pictures[0]?.itemId ?? '' });
  return (
    <>
      <BrowseList key={name} {...props} stops={stops} />
      <Timeline query={query} stops={stops} />
    </>
  );
}

function BrowseList({ query, first, library, stops }: Props & { stops: readonly Stop[] }) {
  const text = useMessages(messages);
  /** Where the list begins, if it is not with the first picture of all. */
  const begin = useSearchParams().get('after');
  const fetchPage = useCallback((after: string) => fetchListed(query, after), [query]);
  const dated = useMemo(() => ({ ...query, sort: browseOrder(query) }), [query]);
  const page = { hits: first.pictures.map(listed), next: first.next, begin };
  const more = useMore(queryHref(query), page, fetchPage);
  const { hits, onPrevious } = more;
  const top = usePrevious({ query, stops, begin: more.begin, hits, onPrevious });
  return (
    <>
      <div className={styles.head}>
        <h1>{query.filters.collection ?? text.fromYours}</h1>
        <p className={styles.took}>{text.pictures(first.total)}</p>
      </div>
      {more.hits.length === 0 && <NoHits query={query} library={library} />}
      {begin !== null && (
        <QueryLink to={query} className={styles.start}>
          <UpIcon /> {text.fromStart[browseOrder(query)]}
        </QueryLink>
      )}
      <div ref={top} />
      <HitSections query={dated} more={more} from="after" />
    </>
  );
}
