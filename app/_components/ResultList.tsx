// The answer to a query: a line that says what it is, the switch between pictures and texts, the hits, and more of them.
'use client';

import { useState, useTransition, type MouseEvent } from 'react';
import { fetchResults, postPicture } from '../_lib/api';
import { queryHref, type Query } from '../_lib/query';
import type { LibraryStatus, ResultHit, Results } from '../_lib/results';
import { PictureGrid } from './PictureGrid';
import styles from './ResultList.module.css';
import { NoHits } from './states';
import { TargetSwitch } from './TargetSwitch';
import { TextList } from './TextList';

interface Props {
  query: Query;
  first: Results;
  library: LibraryStatus;
  /** The picture searched by, when it is one that only the browser has. */
  picture?: File;
}

export function ResultList({ query, first, library, picture }: Props) {
  const { hits, next, loading, problem, more } = useMore(query, first, picture);
  return (
    <>
      <div className={styles.head}>
        <h1>{title(query)}</h1>
        <TargetSwitch query={query} />
        <p className={styles.took} role="status">
          {summary(query, hits.length, first)}
        </p>
      </div>
      {hits.length === 0 && <NoHits query={query} library={library} />}
      {query.in === 'image' ? (
        <PictureGrid hits={hits} query={query} />
      ) : (
        <TextList hits={hits} query={query} />
      )}
      {problem !== null && <p role="alert">{problem}</p>}
      {next !== null && (
        <a className={styles.more} href={queryHref(query, next)} onClick={more} aria-busy={loading}>
          {loading ? 'Loading…' : 'Show more'}
        </a>
      )}
    </>
  );
}

/** Follows "Show more" in place; the link's own address serves where there is no JavaScript. */
function useMore(query: Query, first: Results, picture: File | undefined) {
  const [pages, setPages] = useState<Results[]>([first]);
  const [problem, setProblem] = useState<string | null>(null);
  const [loading, startTransition] = useTransition();
  const next = pages.at(-1)?.next ?? null;

  const more = (event: MouseEvent) => {
    event.preventDefault();
    if (next === null || loading) return;
    startTransition(async () => {
      try {
        const page =
          picture === undefined
            ? await fetchResults(query, next)
            : await postPicture(picture, query, next);
        setPages((known) => [...known, page]);
        setProblem(null);
      } catch (error) {
        setProblem((error as Error).message);
      }
    });
  };
  return { hits: distinct(pages), next, loading, problem, more };
}

/** The hits of all pages, each once: the collection may have changed between two pages. */
function distinct(pages: Results[]): ResultHit[] {
  return [...new Map(pages.flatMap(({ hits }) => hits).map((hit) => [hit.id, hit])).values()];
}

function title({ words, like, picture, in: target, not }: Query): string {
  const kind = target === 'image' ? 'Pictures' : 'Texts';
  const byPicture = like !== undefined || picture !== undefined;
  const fit = target === 'image' ? 'like this one' : 'that fit this picture';
  const main = [byPicture ? `${kind} ${fit}` : kind, words === '' ? '' : `“${words}”`];
  const joined = main.filter(Boolean).join(byPicture ? ', with ' : ' for ');
  return [joined, ...not.map((term) => `without “${term}”`)].join(', ');
}

function summary({ in: target }: Query, count: number, { took }: Results): string {
  const noun = { image: ['picture', 'pictures'], text: ['text', 'texts'] }[target];
  const time = Math.max(1, Math.round(took.encodeMs + took.searchMs));
  return `The closest ${count} ${noun[count === 1 ? 0 : 1]}, in ${time} ms`;
}
