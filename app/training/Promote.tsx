// Lets the model of a run serve: asks, embeds and indexes as a job, changes over; and the way back.
'use client';

import { useEffect, useState } from 'react';
import { ModelSwitch } from '../_components/jobs/ModelSwitch';
import { Button } from '../_components/shell/Button';
import { Confirm } from '../_components/shell/Dialog';
import { useMessages } from '../_components/shell/language';
import { api } from '../_lib/api';
import { messages } from './messages';
import styles from './training.module.css';

interface Props {
  run: string;
  serves: boolean;
  /** Called when another model serves. */
  onChange: () => void;
}

export function Promote({ run, serves, onChange }: Props) {
  const text = useMessages(messages);
  const [asking, setAsking] = useState(false);
  const [target, setTarget] = useState<string | null>(null);
  const [previous, setPrevious] = useState<string | null>(null);
  useEffect(() => {
    if (!serves) return;
    // Without the way back the page still says what serves.
    api.models().then(
      (answer) => setPrevious(answer.previous),
      () => undefined,
    );
  }, [serves]);
  const done = () => {
    setTarget(null);
    onChange();
  };
  if (target !== null) return <ModelSwitch model={target} onDone={done} />;
  if (serves) {
    return (
      <p className={styles.actions}>
        <span className={styles.good}>{text.serving}</span>
        {previous !== null && (
          <Button onClick={() => setTarget(previous)}>{text.back(previous)}</Button>
        )}
      </p>
    );
  }
  return (
    <p className={styles.actions}>
      <Button kind="primary" onClick={() => setAsking(true)}>
        {text.promote}
      </Button>
      {asking && (
        <Confirm
          title={text.promoteTitle}
          action={text.promote}
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            setTarget(run);
          }}
        >
          <p>{text.promoteText(run)}</p>
        </Confirm>
      )}
    </p>
  );
}
