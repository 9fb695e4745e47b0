// Forgets what a model that does not serve has embedded, after asking.
'use client';

import { useState } from 'react';
import type { ModelAnswer } from '#api';
import { useStartedJob } from '../_components/jobs/useStartedJob';
import { Button } from '../_components/shell/Button';
import { Confirm } from '../_components/shell/Dialog';
import { useLanguage, useMessages } from '../_components/shell/language';
import { formatFor } from '../_lib/format';
import { messages } from './messages';
import styles from './models.module.css';

export function DropEmbeddings({ model, onDone }: { model: ModelAnswer; onDone: () => void }) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const [asking, setAsking] = useState(false);
  const { id, failure, start } = useStartedJob(({ state }) => {
    if (state !== 'failed') onDone();
  });
  const drop = () => {
    setAsking(false);
    // By its fingerprint: names need not be unique.
    start({ kind: 'modelDrop', parameters: { model: model.fingerprint } });
  };
  const { images, texts } = model.embedded;
  return (
    <>
      <Button small kind="quiet" busy={id !== null} onClick={() => setAsking(true)}>
        {text.drop}
      </Button>
      {failure !== null && (
        <p role="alert" className={styles.gone}>
          {text.failed(failure)}
        </p>
      )}
      {asking && (
        <Confirm
          danger
          title={text.dropTitle(model.name)}
          action={text.drop}
          onClose={() => setAsking(false)}
          onConfirm={drop}
        >
          <p>{text.dropText(format.count(images), format.count(texts))}</p>
        </Confirm>
      )}
    </>
  );
}
