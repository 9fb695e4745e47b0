// Measures a model on captions of the library: chosen pictures of one collection, as a job.
'use client';

import { useState } from 'react';
import { useStartedJob } from '../_components/jobs/useStartedJob';
import { Button } from '../_components/shell/Button';
import { Confirm } from '../_components/shell/Dialog';
import { useLanguage, useMessages } from '../_components/shell/language';
import { ProgressBar } from '../_components/shell/ProgressBar';
import { api } from '../_lib/api';
import { formatFor } from '../_lib/format';
import { messages } from './messages';
import styles from './models.module.css';

/** Enough for a figure that holds to a few points of a hundred. */
const SAMPLE = 500;

interface Props {
  model: string;
  collections: { name: string; captioned: number }[];
  onDone: () => void;
}

export function MeasureRecall({ model, collections, onDone }: Props) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const [asking, setAsking] = useState(false);
  const [collection, setCollection] = useState(collections[0]!.name);
  const { id, job, failure, start } = useStartedJob(({ state }) => {
    if (state === 'done') onDone();
  });
  const measure = () => {
    setAsking(false);
    start({ kind: 'evaluate', parameters: { collection, model, sample: SAMPLE } });
  };
  if (id !== null) {
    return (
      <div className={styles.measuring}>
        <ProgressBar
          label={text.measuring(model)}
          value={job?.progress?.done}
          max={job?.progress?.total}
        />
        <Button small onClick={() => void api.stopJob(id)}>
          {text.cancel}
        </Button>
      </div>
    );
  }
  const captioned = collections.find(({ name }) => name === collection)?.captioned ?? 0;
  return (
    <>
      <Button small onClick={() => setAsking(true)}>
        {text.measure}
      </Button>
      {failure !== null && (
        <p role="alert" className={styles.gone}>
          {text.failed(failure)}
        </p>
      )}
      {asking && (
        <Confirm
          title={text.measure}
          action={text.measure}
          onClose={() => setAsking(false)}
          onConfirm={measure}
        >
          <label className="field">
            <span>{text.collection}</span>
            <select value={collection} onChange={(event) => setCollection(event.target.value)}>
              {collections.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
            <small>{text.measureOn(format.count(Math.min(SAMPLE, captioned)))}</small>
          </label>
        </Confirm>
      )}
    </>
  );
}
