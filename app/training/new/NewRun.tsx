// Starts a run in two steps: a look at the data with what it will take, then the training itself.
'use client';

import { useRouter } from 'next/navigation';
import { useState, type FormEvent } from 'react';
import type { DataReport } from '#training';
import { hasEnded, useJob } from '../../_components/jobs/useJob';
import { Button } from '../../_components/shell/Button';
import { useMessages } from '../../_components/shell/language';
import { Notice } from '../../_components/shell/Notice';
import { PageFrame } from '../../_components/shell/PageFrame';
import { ProgressBar } from '../../_components/shell/ProgressBar';
import { api } from '../../_lib/api';
import { asDataReport } from '../../_lib/data-report';
import { DataSummary } from '../DataSummary';
import styles from '../training.module.css';
import { messages } from './messages';
import { parametersOf, RunFields } from './RunFields';

interface Props {
  collections: { name: string; captioned: number }[];
  models: string[];
}

export function NewRun({ collections, models }: Props) {
  const text = useMessages(messages);
  const router = useRouter();
  const [parameters, setParameters] = useState<Record<string, unknown> | null>(null);
  const [id, setId] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const [starting, setStarting] = useState(false);
  const job = useJob(id);
  const report = job?.state === 'done' ? asDataReport(job.result as DataReport) : null;
  const looking = id !== null && (job === null || !hasEnded(job));

  const look = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const wanted = parametersOf(new FormData(event.currentTarget));
    setRefused(null);
    setParameters(wanted);
    api.startJob({ kind: 'dataReport', parameters: wanted }).then(
      (started) => setId(started.id),
      (error: Error) => setRefused(error.message),
    );
  };
  /** What was looked at is not what the form says any more. */
  const forget = () => {
    if (looking && id !== null) void api.stopJob(id).catch(() => undefined);
    setId(null);
  };
  const start = () => {
    setStarting(true);
    api.startJob({ kind: 'train', parameters: parameters! }).then(
      () => router.push('/training'),
      (error: Error) => {
        setStarting(false);
        setRefused(error.message);
      },
    );
  };

  const within = { href: '/training', name: text.back };
  if (collections.length === 0) {
    return (
      <PageFrame title={text.title} within={within}>
        <Notice title={text.noCollections}>
          <p>{text.noCollectionsHint}</p>
        </Notice>
      </PageFrame>
    );
  }
  const failure = refused ?? (job?.state === 'failed' ? job.error : null);
  return (
    <PageFrame title={text.title} within={within} intro={text.intro}>
      <div className={styles.halves}>
        <form className={`card ${styles.form}`} onSubmit={look} onChange={forget}>
          <RunFields collections={collections} models={models} />
          <div>
            <Button type="submit" kind={report ? 'plain' : 'primary'} busy={looking}>
              {text.look}
            </Button>
          </div>
        </form>
        <section className={`card ${styles.form}`} aria-label={text.reportTitle} aria-live="polite">
          <h2>{text.reportTitle}</h2>
          {failure !== null && (
            <p role="alert" className={styles.alert}>
              {text.failed(failure)}
            </p>
          )}
          {looking && (
            <>
              <ProgressBar
                label={job?.progress?.done === undefined ? text.looking : text.reading}
                value={job?.progress?.done}
                max={job?.progress?.total}
              />
              <div>
                <Button small onClick={forget}>
                  {text.cancel}
                </Button>
              </div>
            </>
          )}
          {!looking && report === null && failure === null && (
            <p className={styles.small}>{text.reportHint}</p>
          )}
          {report !== null && (
            <>
              <DataSummary report={report} />
              <div>
                <Button
                  kind="primary"
                  busy={starting}
                  disabled={report.batch.stepsPerEpoch === 0}
                  onClick={start}
                >
                  {text.start}
                </Button>
              </div>
            </>
          )}
        </section>
      </div>
    </PageFrame>
  );
}
