// What the server says now: asked for again while something is at work.
'use client';

import { useEffect, useState } from 'react';

/** Milliseconds between two looks. */
const LOOK = 1500;

/**
 * What `read` gives, again and again while `atWork` holds for it.
 * @returns the newest answer, and a function that asks at once
 */
export function useFresh<T>(
  first: T,
  read: (signal: AbortSignal) => Promise<T>,
  atWork: (value: T) => boolean,
): [T, () => void] {
  const [value, setValue] = useState(first);
  const [asked, setAsked] = useState(0);
  const waiting = atWork(value);
  useEffect(() => {
    if (asked === 0 && !waiting) return;
    const leaving = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const look = () =>
      read(leaving.signal)
        // A server that is being started again answers the next time.
        .then(setValue, () => undefined)
        .finally(() => {
          if (waiting && !leaving.signal.aborted) timer = setTimeout(() => void look(), LOOK);
        });
    timer = setTimeout(() => void look(), asked === 0 ? LOOK : 0);
    return () => {
      leaving.abort();
      clearTimeout(timer);
    };
  }, [waiting, asked]);
  return [value, () => setAsked((count) => count + 1)];
}
