// The page as a whole: the box on top, and under it what the current address shows.
'use client';

import { useState } from 'react';
import { MAX_UPLOAD_MEGABYTES } from '#limits';
import { heldPicture, holdPicture, refusal } from '../_lib/pictures';
import { asks, browses, queryHref, searchOrder, type Query } from '../_lib/query';
import type { Detail, FacetCounts, LibraryStatus, Picture } from '../_lib/results';
import type { View } from '../_lib/view';
import { Browse } from './BrowseList';
import { DetailView } from './DetailView';
import { FilterBar } from './FilterBar';
import { messages } from './messages';
import { NavigationProvider, useNavigation, useShown } from './navigation';
import { PictureSearch } from './PictureSearch';
import { ResultList } from './ResultList';
import { SearchBar, type Chip } from './SearchBar';
import styles from './SearchPage.module.css';
import { useMessages } from './shell/language';
import { ShownListProvider } from './shown-list';
import { EmptyLibrary, Problem, Warming } from './states';
import { TermChips } from './TermChips';
import { useIntake } from './useIntake';
import { Examples, PictureWall } from './Welcome';

interface Props {
  query: Query;
  view: View;
  /** The pictures of the items that the query names. */
  pictures: Record<number, Picture>;
  /** Where the address asks for them: the page then works without JavaScript. */
  facets: FacetCounts | null;
  /** The picture that the address shows over the page. */
  detail: Detail | null;
  library: LibraryStatus;
}

export function SearchPage(props: Props) {
  return (
    <NavigationProvider query={props.query}>
      <ShownListProvider>
        <Frame {...props} />
      </ShownListProvider>
    </NavigationProvider>
  );
}

function Frame({ query, view, pictures, facets, detail, library }: Props) {
  const text = useMessages(messages);
  const { go } = useNavigation();
  const { pending } = useShown();
  const [refused, setRefused] = useState<string | null>(null);
  const atHome = !asks(query) && !browses(query);

  const searchBy = (file: File) => {
    const reason = refusal(file);
    const megabytes = (file.size / 1e6).toFixed(0);
    setRefused(reason && text[reason](file.name, megabytes, MAX_UPLOAD_MEGABYTES));
    // It takes the place of another picture; words, terms and filters stay.
    if (reason === null) go({ ...query, sort: searchOrder(query), picture: holdPicture(file) });
  };
  const dragging = useIntake(searchBy);

  return (
    <div className={styles.page}>
      <div className={atHome ? styles.hero : styles.bar}>
        <div className={styles.search}>
          {atHome && <h1>{text.claim}</h1>}
          <SearchBar chip={chipOf(query)} onPicture={searchBy} />
          <TermChips query={query} pictures={pictures} />
          {refused !== null && (
            <p role="alert" className={styles.refused}>
              {refused}
            </p>
          )}
          {view.state === 'welcome' && <Examples words={view.examples} />}
        </div>
      </div>
      <main id="content" className={styles.main} aria-busy={pending} data-pending={pending}>
        {!atHome && <FilterBar query={query} facets={facets} />}
        <Content query={query} view={view} library={library} />
      </main>
      <DetailView first={detail} />
      {dragging && (
        <div className={styles.veil} aria-hidden="true">
          <p>{text.drop}</p>
        </div>
      )}
    </div>
  );
}

function Content({ query, view, library }: Pick<Props, 'query' | 'view' | 'library'>) {
  switch (view.state) {
    case 'welcome':
      return <PictureWall pictures={view.pictures} library={library} />;
    case 'empty':
      return <EmptyLibrary />;
    case 'warming':
      return <Warming failure={view.failure} />;
    case 'problem':
      return <Problem message={view.message} />;
    case 'picture':
      return <PictureSearch query={query} library={library} />;
    case 'browse':
      return <Browse query={query} first={view} library={library} />;
    case 'results':
      return (
        <ResultList
          key={queryHref(query, { offset: view.offset })}
          query={query}
          first={view.results}
          library={library}
        />
      );
  }
}

function chipOf({ picture }: Query): Chip | null {
  const held = heldPicture(picture);
  return held === undefined ? null : { label: held.file.name, preview: held.preview };
}
