// Files that could not be used, each with its reason, and trying them again.
'use client';

import { useState } from 'react';
import type { FailuresAnswer } from '#api';
import { Button } from '../_components/shell/Button';
import { useLanguage, useMessages } from '../_components/shell/language';
import { api } from '../_lib/api';
import { formatFor } from '../_lib/format';
import styles from './library.module.css';
import { messages } from './messages';

/** Paths of one ingest; what is beyond can be tried when these are through. */
const RETRIED = 1000;

interface Props {
  first: FailuresAnswer;
  onRetry: (paths: string[], collection?: string) => Promise<boolean>;
}

export function Failures({ first, onRetry }: Props) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const [more, setMore] = useState<FailuresAnswer['failures']>([]);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const failures = [...first.failures, ...more];
  const doing = async (work: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    await work().catch((error: Error) => setProblem(error.message));
    setBusy(false);
  };
  const retry = async () => {
    const all = await api.failures({ limit: RETRIED });
    // Each collection by a job of its own, so that what can be used now gets where it was to go.
    for (const collection of new Set(all.failures.map((each) => each.collection))) {
      const those = all.failures.filter((each) => each.collection === collection);
      const paths = those.map(({ path }) => path);
      if (!(await onRetry(paths, collection ?? undefined))) break;
    }
  };
  const showMore = async () => {
    const next = await api.failures({ offset: failures.length });
    setMore([...more, ...next.failures]);
  };
  return (
    <details className={`card ${styles.section}`}>
      <summary>
        <h2>{text.failures}</h2>
        <span className={styles.count}>{format.count(first.total)}</span>
      </summary>
      <div id="left-out" className={styles.buttons}>
        <p>{text.failuresText}</p>
        <Button small busy={busy} onClick={() => void doing(retry)}>
          {text.retryAll}
        </Button>
      </div>
      <div className={styles.wide} role="group" aria-label={text.failures} tabIndex={0}>
        <table className="table">
          <thead>
            <tr>
              <th>{text.file}</th>
              <th>{text.reason}</th>
            </tr>
          </thead>
          <tbody>
            {failures.map(({ path, reason }) => (
              <tr key={path}>
                <td className={styles.path}>{path}</td>
                <td>{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {problem !== null && (
        <p role="alert" className={styles.reason}>
          {problem}
        </p>
      )}
      {failures.length < first.total && (
        <Button small busy={busy} onClick={() => void doing(showMore)}>
          {text.showMore}
        </Button>
      )}
    </details>
  );
}
