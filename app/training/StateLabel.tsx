// The state of a run in a word, with a dot of its colour.
'use client';

import type { RunAnswer } from '#api';
import { useMessages } from '../_components/shell/language';
import { messages } from './messages';
import styles from './training.module.css';

export type Standing = keyof (typeof messages)['en']['states'];

/** What a run is at, from its folder and from the job that works on it. */
export function standingOf({ state, serves, job }: RunAnswer): Standing {
  if (job?.state === 'stopping') return 'stopping';
  if (state === 'done') return serves ? 'serves' : 'done';
  if (state === 'running' || job?.state === 'running') return 'running';
  return job?.state === 'failed' ? 'failed' : 'stopped';
}

export function StateLabel({ standing }: { standing: Standing }) {
  const text = useMessages(messages);
  return (
    <span className={styles.state} data-standing={standing}>
      {text.states[standing]}
    </span>
  );
}
