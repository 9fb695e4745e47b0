// The page as a whole: the box on top, and under it what the current address shows.
'use client';

import { useState } from 'react';
import { asks, emptyQuery, queryHref, type Query } from '../_lib/query';
import { heldPicture, holdPicture, refusal } from '../_lib/pictures';
import type { LibraryStatus, Picture } from '../_lib/results';
import type { View } from '../_lib/view';
import { NavigationProvider, useNavigation } from './navigation';
import { PictureSearch } from './PictureSearch';
import { ResultList } from './ResultList';
import { SearchBar, type Chip } from './SearchBar';
import styles from './SearchPage.module.css';
import { EmptyLibrary, Problem, Warming } from './states';
import { useIntake } from './useIntake';
import { Examples, PictureWall } from './Welcome';

interface Props {
  query: Query;
  view: View;
  /** The item that `query.like` names. */
  liked: Picture | null;
  library: LibraryStatus;
}

export function SearchPage(props: Props) {
  return (
    <NavigationProvider query={props.query}>
      <Frame {...props} />
    </NavigationProvider>
  );
}

function Frame({ query, view, liked, library }: Props) {
  const { go, pending } = useNavigation();
  const [refused, setRefused] = useState<string | null>(null);
  const atHome = !asks(query);

  const searchBy = (file: File) => {
    const reason = refusal(file);
    setRefused(reason);
    if (reason !== null) return;
    const { in: target, collection } = query;
    go({ ...emptyQuery, in: target, collection, picture: holdPicture(file) });
  };
  const dragging = useIntake(searchBy);

  return (
    <div className={styles.page}>
      <div className={atHome ? styles.hero : styles.bar}>
        <div className={styles.search}>
          {atHome && <h1>Words find pictures. Pictures find words.</h1>}
          <SearchBar chip={chipOf(query, liked)} onPicture={searchBy} />
          {refused !== null && (
            <p role="alert" className={styles.refused}>
              {refused}
            </p>
          )}
          {view.state === 'welcome' && <Examples words={view.examples} />}
        </div>
      </div>
      <main id="content" className={styles.main} aria-busy={pending} data-pending={pending}>
        <Content query={query} view={view} library={library} />
      </main>
      {dragging && (
        <div className={styles.veil} aria-hidden="true">
          <p>Drop a picture to search by it</p>
        </div>
      )}
    </div>
  );
}

function Content({ query, view, library }: Omit<Props, 'liked'>) {
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
    case 'results':
      return (
        <ResultList
          key={queryHref(query, view.offset)}
          query={query}
          first={view.results}
          library={library}
        />
      );
  }
}

function chipOf(query: Query, liked: Picture | null): Chip | null {
  if (liked !== null) return { label: liked.label, preview: liked.thumbnail };
  const held = heldPicture(query.picture);
  return held === undefined ? null : { label: held.file.name, preview: held.preview };
}
