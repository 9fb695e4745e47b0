// Forgets what a model that does not serve has embedded, after asking.
'use client';

import { useState } from 'react';
import type { ModelAnswer } from '#api';
import { useJob } from '../_components/jobs/useJob';
import { Button } from '../_components/shell/Button';
import { Confirm } from '../_components/shell/Dialog';
import { useLanguage, useMessages } from '../_components/shell/language';
import { api } from '../_lib/api';
import { formatFor } from '../_lib/format';
import { messages } from './messages';
import styles from './models.module.css';

export function DropEmbeddings({ model, onDone }: { model: ModelAnswer; onDone: () => void }) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const [asking, setAsking] = useState(false);
  const [id, setId] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  useJob(id, (ended) => {
    setId(null);
    if (ended.state === 'failed') setRefused(ended.error);
    else onDone();
  });
  const start = () => {
    setAsking(false);
    setRefused(null);
    // By its fingerprint: names need not be unique.
    api
      .startJob({ kind: 'modelDrop', parameters: { model: model.fingerprint } })
      .then((started) => setId(started.id))
      .catch((error: Error) => setRefused(error.message));
  };
  const { images, texts } = model.embedded;
  return (
    <>
      <Button small kind="quiet" busy={id !== null} onClick={() => setAsking(true)}>
        {text.drop}
      </Button>
      {refused !== null && (
        <p role="alert" className={styles.gone}>
          {text.failed(refused)}
        </p>
      )}
      {asking && (
        <Confirm
          danger
          title={text.dropTitle(model.name)}
          action={text.drop}
          onClose={() => setAsking(false)}
          onConfirm={start}
        >
          <p>{text.dropText(format.count(images), format.count(texts))}</p>
        </Confirm>
      )}
    </>
  );
}
