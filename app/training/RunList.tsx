// The list of runs: what each learned from what, how far it is, and which to compare.
'use client';

import Link from 'next/link';
import { useState } from 'react';
import type { RunAnswer, RunsAnswer } from '#api';
import { hasEnded } from '../_components/jobs/useJob';
import { Moment } from '../_components/Moment';
import { ButtonLink } from '../_components/shell/Button';
import { useLanguage, useMessages } from '../_components/shell/language';
import { Notice } from '../_components/shell/Notice';
import { PageFrame } from '../_components/shell/PageFrame';
import { api } from '../_lib/api';
import { formatFor } from '../_lib/format';
import { messages } from './messages';
import { RunProgress } from './RunProgress';
import { standingOf, StateLabel } from './StateLabel';
import styles from './training.module.css';
import { useFresh } from './useFresh';

const atWork = ({ runs, starting }: RunsAnswer) =>
  runs.some(({ state }) => state === 'running') || starting.some((job) => !hasEnded(job));

export function RunList({ first }: { first: RunsAnswer }) {
  const text = useMessages(messages);
  const [{ runs, starting }] = useFresh(first, (signal) => api.runs({ signal }), atWork);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const choose = (name: string, wanted: boolean) =>
    setChosen((before) => (wanted ? [...before, name] : before.filter((one) => one !== name)));
  const begun = starting.filter((job) => !hasEnded(job));
  const actions = (
    <>
      {runs.length > 1 && (
        <ButtonLink
          href={`/training/compare?runs=${chosen.join(',')}`}
          aria-disabled={chosen.length < 2}
          title={chosen.length < 2 ? text.compareHint : undefined}
          prefetch={false}
          onClick={(event) => chosen.length < 2 && event.preventDefault()}
        >
          {text.compare(chosen.length)}
        </ButtonLink>
      )}
      <ButtonLink href="/training/new" kind="primary" prefetch={false}>
        {text.newRun}
      </ButtonLink>
    </>
  );
  return (
    <PageFrame title={text.title} intro={text.intro} actions={actions}>
      {runs.length === 0 && begun.length === 0 && (
        <Notice title={text.noRuns}>
          <p>{text.noRunsHint}</p>
        </Notice>
      )}
      <ul className={styles.runs}>
        {begun.map((job) => (
          <li key={job.id} className="card">
            <RunProgress job={job} step={0} steps={null} />
          </li>
        ))}
        {runs.map((run) => (
          <RunCard
            key={run.name}
            run={run}
            chosen={chosen.includes(run.name)}
            onChoose={runs.length > 1 ? (wanted) => choose(run.name, wanted) : null}
          />
        ))}
      </ul>
    </PageFrame>
  );
}

interface CardProps {
  run: RunAnswer;
  chosen: boolean;
  /** Null where there is nothing to compare with. */
  onChoose: ((wanted: boolean) => void) | null;
}

function RunCard({ run, chosen, onChoose }: CardProps) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const { name, model, data, pictures, recall, step, steps, state, job } = run;
  const reached = recall.after ?? recall.best;
  return (
    <li className={`card ${styles.run}`}>
      {onChoose !== null && (
        <label>
          <input
            type="checkbox"
            aria-label={text.choose(name)}
            checked={chosen}
            onChange={(event) => onChoose(event.target.checked)}
          />
        </label>
      )}
      <div className={styles.what}>
        <Link href={`/training/${name}`} prefetch={false}>
          {data.replace(/^collection:/, '')}
        </Link>
        <p>
          <Moment at={run.startedAt} /> · {model}
          {pictures !== null && ` · ${text.pictures(format.count(pictures))}`}
        </p>
      </div>
      <div className={styles.reached}>
        {state === 'running' ? (
          <RunProgress job={job} step={step} steps={steps} />
        ) : (
          recall.before !== null &&
          reached !== null && (
            <>
              <span className={styles.small}>{text.recall}</span>
              <span className={styles.figures}>
                {format.percent(recall.before)} → <b>{format.percent(reached)}</b>
              </span>
            </>
          )
        )}
      </div>
      <StateLabel standing={standingOf(run)} />
    </li>
  );
}
