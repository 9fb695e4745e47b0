// A day and a time, where the reader is.
'use client';

import { useSyncExternalStore } from 'react';
import { formatFor } from '../_lib/format';
import { useLanguage } from './shell/language';

const never = () => () => undefined;

/** The server does not know the reader's time zone: until the browser takes over, it is UTC. */
export function Moment({ at }: { at: string }) {
  const here = useSyncExternalStore(
    never,
    () => Intl.DateTimeFormat().resolvedOptions().timeZone,
    () => 'UTC',
  );
  return <time dateTime={at}>{formatFor(useLanguage()).moment(at, here)}</time>;
}
