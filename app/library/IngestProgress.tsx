// One ingest: how far it is, what it has done, and how it ended.
'use client';

import { api } from '../_lib/api';
import { Button } from '../_components/shell/Button';
import { hasEnded, useJob } from '../_components/jobs/useJob';
import { useLanguage, useMessages } from '../_components/shell/language';
import { ProgressBar } from '../_components/shell/ProgressBar';
import { formatFor } from '../_lib/format';
import styles from './library.module.css';
import { messages } from './messages';

interface Props {
  id: string;
  onEnd: () => void;
  onClose: () => void;
}

interface Counts {
  added?: number;
  unchanged?: number;
  failed?: number;
  seconds?: number;
}

export function IngestProgress({ id, onEnd, onClose }: Props) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const job = useJob(id, onEnd);
  const state = job?.state ?? 'running';
  const ended = job !== null && hasEnded(job);
  const { done, total } = job?.progress ?? {};
  const counts = ((state === 'done' ? job?.result : job?.progress?.detail) ?? {}) as Counts;
  const { added = 0, unchanged = 0, failed = 0, seconds = 0 } = counts;
  const left = done && total ? (seconds * (total - done)) / done : undefined;
  // What has failed or was stopped is as far as it came.
  const whole = state === 'done' ? 1 : ended ? 0 : undefined;
  const [value, max] = whole !== 1 && total !== undefined ? [done, total] : [whole, 1];
  return (
    <section className="card">
      <ProgressBar
        label={text.ingest[state]}
        detail={!ended && left !== undefined ? text.left(format.duration(left)) : undefined}
        value={value}
        max={max}
      />
      <div className={styles.buttons}>
        {state === 'failed' ? (
          <span className={styles.reason} role="alert">
            {job?.error}
          </span>
        ) : (
          <span>
            {text.counts(format.count(added), format.count(unchanged), format.count(failed))}
          </span>
        )}
        {ended ? (
          <Button small kind="quiet" onClick={onClose}>
            {text.close}
          </Button>
        ) : (
          <Button small busy={state === 'stopping'} onClick={() => void api.stopJob(id)}>
            {text.stop}
          </Button>
        )}
      </div>
    </section>
  );
}
