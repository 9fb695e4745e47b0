// The map page: the map where there is one, else how to make it; the job that does, and what has come in since.
'use client';

import { useEffect, useState } from 'react';
import type { MapAnswer } from '#api';
import { useJob } from '../_components/jobs/useJob';
import { Button, ButtonLink } from '../_components/shell/Button';
import { useLanguage, useMessages } from '../_components/shell/language';
import { Notice } from '../_components/shell/Notice';
import { PageFrame } from '../_components/shell/PageFrame';
import { ProgressBar } from '../_components/shell/ProgressBar';
import { api } from '../_lib/api';
import { formatFor } from '../_lib/format';
import styles from './map.module.css';
import { MapCanvas } from './MapCanvas';
import { messages } from './messages';

export function MapView() {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const [answer, setAnswer] = useState<MapAnswer | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [id, setId] = useState<string | null>(null);
  const read = () =>
    api.map().then(
      (found) => {
        setAnswer(found);
        setId(found.job?.id ?? null);
      },
      (error: Error) => setFailure(error.message),
    );
  useEffect(() => {
    void read();
  }, []);
  const job = useJob(id, (ended) => {
    if (ended.state === 'failed') setFailure(ended.error);
    void read();
  });
  const start = (afresh: boolean) => {
    setFailure(null);
    api.startJob({ kind: 'map', parameters: { afresh } }).then(
      (started) => setId(started.id),
      (error: Error) => setFailure(error.message),
    );
  };

  const busy = id !== null;
  const phase = text.phases[job?.progress?.detail?.phase as keyof typeof text.phases];
  const progress = busy && (
    <div className={styles.progress}>
      <ProgressBar
        label={phase ?? text.starting}
        value={job?.progress?.done}
        max={job?.progress?.total}
      />
      <Button small onClick={() => void api.stopJob(id)}>
        {text.stop}
      </Button>
    </div>
  );
  const alert = failure !== null && (
    <p role="alert" className={styles.alert}>
      {text.failed(failure)}
    </p>
  );
  if (answer?.map) {
    const { pictures, added, gone, map } = answer;
    const behind = added + gone > 0 && !busy && (
      <p className={styles.behind}>
        {text.behind(format.count(added), format.count(gone))}{' '}
        <Button small onClick={() => start(false)}>
          {text.update}
        </Button>
      </p>
    );
    return (
      <main id="content" className={styles.page}>
        <div className={styles.head}>
          <h1>{text.title}</h1>
          <p>{text.intro(format.count(pictures))}</p>
          {behind}
          {alert}
          {progress}
          {!busy && (
            <Button small kind="quiet" onClick={() => start(true)}>
              {text.afresh}
            </Button>
          )}
        </div>
        <MapCanvas key={map.updatedAt} map={map} />
      </main>
    );
  }
  return (
    <PageFrame title={text.title}>
      {alert}
      {answer === null && failure === null && <ProgressBar label={text.loading} />}
      {answer !== null && answer.pictures === 0 && (
        <Notice title={text.none}>
          <p>{text.noneHint}</p>
          <ButtonLink href="/library">{text.library}</ButtonLink>
        </Notice>
      )}
      {answer !== null && answer.pictures > 0 && (
        <Notice title={text.makeTitle}>
          <p>{text.makeHint}</p>
          {busy ? (
            progress
          ) : (
            <Button kind="primary" onClick={() => start(false)}>
              {text.make(format.count(answer.pictures))}
            </Button>
          )}
        </Notice>
      )}
    </PageFrame>
  );
}
