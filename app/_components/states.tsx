// What stands in for results when there are none: warming up, nothing ingested, nothing found, something wrong, still loading.
'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useState, useTransition } from 'react';
import { fetchStatus } from '../_lib/api';
import { emptyQuery, type Query } from '../_lib/query';
import type { LibraryStatus } from '../_lib/results';
import { QueryLink } from './navigation';
import { Notice } from './shell/Notice';
import styles from './states.module.css';

/**
 * Asks until the engine is ready, then lets the server draw the page again; also after a failure,
 * since an engine that failed is started again. Does not ask while the page is being drawn.
 */
export function Warming({ failure: before }: { failure: string | null }) {
  const router = useRouter();
  const [failure, setFailure] = useState(before);
  const [drawing, startTransition] = useTransition();
  useEffect(() => {
    if (drawing) return;
    const timer = setInterval(() => {
      fetchStatus().then(
        ({ state, error }) => {
          setFailure(state === 'failed' ? (error ?? 'The engine could not start.') : null);
          if (state === 'ready') startTransition(() => router.refresh());
        },
        () => setFailure('The server does not answer.'),
      );
    }, 1000);
    return () => clearInterval(timer);
  }, [router, drawing]);

  if (failure !== null) return <Problem message={failure} />;
  return (
    <Notice title="Getting ready">
      <p>The model is loading. Your results appear here in a moment.</p>
      <noscript>
        <p>Load the page again in a few seconds.</p>
      </noscript>
    </Notice>
  );
}

export function EmptyLibrary() {
  return (
    <Notice title="No pictures yet">
      <p>Point Bifocal at a folder, and every picture in it can be found here.</p>
      <pre>
        <code>npx bifocal ingest ~/Pictures</code>
      </pre>
      <p>Then load this page again.</p>
    </Notice>
  );
}

export function NoHits({ query, library }: { query: Query; library: LibraryStatus }) {
  if (library.indexed[query.in] > 0) {
    return (
      <Notice title="Nothing found">
        <p>
          Try other words, or <QueryLink to={emptyQuery}>begin again</QueryLink>.
        </p>
      </Notice>
    );
  }
  if (query.in === 'text') {
    return (
      <Notice title="No texts yet">
        <p>Texts are the captions of your pictures. Bring them along when you add a folder:</p>
        <pre>
          <code>npx bifocal ingest ~/Pictures --captions captions.jsonl</code>
        </pre>
      </Notice>
    );
  }
  return (
    <Notice title={`Not indexed for ${library.model ?? 'this model'} yet`}>
      <p>Your pictures are known, but this model has not seen them. Let it look:</p>
      <pre>
        <code>npx bifocal ingest ~/Pictures</code>
      </pre>
    </Notice>
  );
}

export function PictureNotHere() {
  return (
    <Notice title="The picture is not part of the link">
      <p>
        A picture you search by stays in the browser that chose it. Drop it here, paste it, or pick
        it with the button in the search box.
      </p>
    </Notice>
  );
}

export function Problem({ message }: { message: string }) {
  return (
    <Notice title="That did not work">
      <p className={styles.message}>{message}</p>
    </Notice>
  );
}

export function Skeleton({ label }: { label: string }) {
  return (
    <div className={styles.skeleton} role="status" aria-label={label}>
      {Array.from({ length: 18 }, (_, index) => (
        <span key={index} />
      ))}
    </div>
  );
}
