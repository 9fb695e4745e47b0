// A search by a picture that only this tab has: sends it to the API and shows the answer.
'use client';

import { useEffect, useState } from 'react';
import { postPicture, retryAfter } from '../_lib/api';
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
  /** How often the engine was not there; what is shown says that it is under way. */
  const [tries, setTries] = useState(0);
  const held = heldPicture(query.picture);
  const answer = answers[address];

  useEffect(() => {
    if (held === undefined || answer !== undefined) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const settle = (next: Answer) => {
      if (!abort.signal.aborted) setAnswers((known) => ({ ...known, [address]: next }));
    };
    postPicture(held.file, query, 0, abort.signal).then(
      (results) => settle({ results }),
      (error: Error) => {
        const wait = retryAfter(error);
        if (wait === null) settle({ problem: error.message });
        else timer = setTimeout(() => setTries(tries + 1), wait);
      },
    );
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
    // The address names every part of the query.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [held, answer, address, tries]);

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
