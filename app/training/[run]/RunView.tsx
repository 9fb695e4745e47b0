// One run: how far it is, its curves, what came out, what it was trained on and how.
'use client';

import { useState } from 'react';
import type { RunDetailAnswer } from '#api';
import { hasEnded, useJob } from '../../_components/jobs/useJob';
import { Moment } from '../../_components/Moment';
import { Button } from '../../_components/shell/Button';
import { useLanguage, useMessages } from '../../_components/shell/language';
import { PageFrame } from '../../_components/shell/PageFrame';
import { api } from '../../_lib/api';
import { formatFor } from '../../_lib/format';
import { DataSummary } from '../DataSummary';
import { messages } from '../messages';
import { RunCurves } from '../RunCurves';
import { RunProgress } from '../RunProgress';
import { RunSettings } from '../RunSettings';
import { standingOf, StateLabel } from '../StateLabel';
import styles from '../training.module.css';
import { useFresh } from '../useFresh';
import { RunResult } from './RunResult';

const atWork = ({ state, job }: RunDetailAnswer) =>
  state === 'running' || (job !== null && !hasEnded(job));

export function RunView({ first }: { first: RunDetailAnswer }) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const [run, lookAgain] = useFresh(first, (signal) => api.run(first.name, { signal }), atWork);
  const [refused, setRefused] = useState<string | null>(null);
  const following = run.job !== null && !hasEnded(run.job) ? run.job.id : null;
  // Its own word comes four times a second, the curves more seldom.
  const job = useJob(following, lookAgain) ?? run.job;
  const standing = standingOf(run);

  const ask = (doing: Promise<unknown>) => {
    setRefused(null);
    doing.then(lookAgain, (error: Error) => setRefused(error.message));
  };
  const actions = (
    <>
      {standing === 'running' && following !== null && (
        <Button title={text.stopHint} onClick={() => ask(api.stopJob(following))}>
          {text.stop}
        </Button>
      )}
      {(standing === 'stopped' || standing === 'failed') && (
        <Button
          kind="primary"
          onClick={() => ask(api.startJob({ kind: 'resume', parameters: { run: run.name } }))}
        >
          {text.resume}
        </Button>
      )}
    </>
  );
  const intro = (
    <span className={styles.intro}>
      <StateLabel standing={standing} /> <Moment at={run.startedAt} /> · {run.model}
      {run.pictures !== null && ` · ${text.pictures(format.count(run.pictures))}`}
    </span>
  );
  return (
    <PageFrame
      title={run.data.replace(/^collection:/, '')}
      within={{ href: '/training', name: text.all }}
      intro={intro}
      actions={actions}
    >
      <div className={styles.parts}>
        {(refused ?? (standing === 'failed' && job?.error)) && (
          <p role="alert" className={styles.alert}>
            {refused ?? text.failed(job?.error ?? '')}
          </p>
        )}
        {atWork(run) && (
          <section className="card">
            <RunProgress
              job={job}
              step={
                job?.progress?.detail?.phase === 'train'
                  ? (job.progress.done ?? run.step)
                  : run.step
              }
              steps={run.steps}
            />
            {run.state === 'running' && following === null && (
              <p className={styles.small}>{text.elsewhere}</p>
            )}
          </section>
        )}
        <section className={`card ${styles.curves}`}>
          <RunCurves runs={[run]} />
        </section>
        <RunResult run={run} onChange={lookAgain} />
        <div className={styles.halves}>
          {run.dataReport !== null && (
            <section className="card">
              <h2>{text.dataReport}</h2>
              <DataSummary report={run.dataReport} />
            </section>
          )}
          <section className="card">
            <h2>{text.settings}</h2>
            <RunSettings settings={run.settings} />
          </section>
        </div>
      </div>
    </PageFrame>
  );
}
