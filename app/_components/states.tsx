// What stands in for results when there are none: warming up, nothing ingested, nothing found, something wrong, still loading.
'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useState, useTransition } from 'react';
import { fetchStatus } from '../_lib/api';
import { emptyQuery, type Query } from '../_lib/query';
import type { LibraryStatus } from '../_lib/results';
import { messages } from './messages';
import { QueryLink } from './navigation';
import { ButtonLink } from './shell/Button';
import { useMessages } from './shell/language';
import { Notice } from './shell/Notice';
import styles from './states.module.css';

/**
 * Asks until the engine is ready, then lets the server draw the page again; also after a failure,
 * since an engine that failed is started again. Does not ask while the page is being drawn.
 */
export function Warming({ failure: before }: { failure: string | null }) {
  const text = useMessages(messages);
  const router = useRouter();
  const [failure, setFailure] = useState(before);
  const [drawing, startTransition] = useTransition();
  useEffect(() => {
    if (drawing) return;
    const timer = setInterval(() => {
      fetchStatus().then(
        ({ state, error }) => {
          setFailure(state === 'failed' ? (error ?? text.noEngine) : null);
          if (state === 'ready') startTransition(() => router.refresh());
        },
        (error: Error) => setFailure(error.message),
      );
    }, 1000);
    return () => clearInterval(timer);
  }, [router, drawing, text]);

  if (failure !== null) return <Problem message={failure} />;
  return (
    <Notice title={text.starting}>
      <p>{text.startingWhy}</p>
      <noscript>
        <p>{text.startingReload}</p>
      </noscript>
    </Notice>
  );
}

export function EmptyLibrary() {
  const text = useMessages(messages);
  return (
    <Notice title={text.noPictures}>
      <p>{text.noPicturesHow}</p>
      <ButtonLink href="/library" kind="primary" prefetch={false}>
        {text.addPictures}
      </ButtonLink>
      <p>{text.noPicturesElse}</p>
      <pre>
        <code>npx bifocal ingest ~/Pictures</code>
      </pre>
    </Notice>
  );
}

export function NoHits({ query, library }: { query: Query; library: LibraryStatus }) {
  const text = useMessages(messages);
  if (library.indexed[query.in] > 0) {
    const narrowed = Object.values(query.filters).some((value) => value !== undefined);
    return (
      <Notice title={text.nothingFound}>
        <p>
          {narrowed ? text.narrowed : text.tryOther}
          <QueryLink to={narrowed ? { ...query, filters: {} } : emptyQuery}>
            {narrowed ? text.clearFilters : text.beginAgain}
          </QueryLink>
        </p>
      </Notice>
    );
  }
  if (query.in === 'text') {
    return (
      <Notice title={text.noTexts}>
        <p>{text.noTextsHow}</p>
        <pre>
          <code>npx bifocal ingest ~/Pictures --captions captions.jsonl</code>
        </pre>
      </Notice>
    );
  }
  return (
    <Notice title={text.notIndexed(library.model)}>
      <p>{text.notIndexedHow}</p>
      <pre>
        <code>npx bifocal ingest ~/Pictures</code>
      </pre>
    </Notice>
  );
}

export function PictureNotHere() {
  const text = useMessages(messages);
  return (
    <Notice title={text.notHere}>
      <p>{text.notHereWhy}</p>
    </Notice>
  );
}

export function Problem({ message }: { message: string }) {
  const text = useMessages(messages);
  return (
    <Notice title={text.failed}>
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
