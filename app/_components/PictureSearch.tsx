// A search by a picture that only this tab has: sends it to the API and shows the answer.
'use client';

import { useEffect, useState } from 'react';
import { postPicture } from '../_lib/api';
import { heldPicture } from '../_lib/pictures';
import { queryHref, type Query } from '../_lib/query';
import type { LibraryStatus, Results } from '../_lib/results';
import { messages } from './messages';
import { ResultList } from './ResultList';
import { useMessages } from './shell/language';
import { PictureNotHere, Problem, Skeleton } from './states';

type Answer = { results: Results } | { problem: string };

export function PictureSearch({ query, library }: { query: Query; library: LibraryStatus }) {
  const text = useMessages(messages);
  const address = queryHref(query);
  const [answers, setAnswers] = useState<Record<string, Answer>>({});
  const held = heldPicture(query.picture);
  const answer = answers[address];

  useEffect(() => {
    if (held === undefined || answer !== undefined) return;
    const abort = new AbortController();
    const settle = (next: Answer) => {
      if (!abort.signal.aborted) setAnswers((known) => ({ ...known, [address]: next }));
    };
    postPicture(held.file, query, 0, abort.signal).then(
      (results) => settle({ results }),
      (error: Error) => settle({ problem: error.message }),
    );
    return () => abort.abort();
    // The address names every part of the query.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [held, answer, address]);

  if (held === undefined) return <PictureNotHere />;
  if (answer === undefined) return <Skeleton label={text.searching} />;
  if ('problem' in answer) return <Problem message={answer.problem} />;
  return (
    <ResultList
      key={address}
      query={query}
      first={answer.results}
      library={library}
      picture={held.file}
    />
  );
}
