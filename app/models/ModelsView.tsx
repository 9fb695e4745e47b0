// The models page as a whole: the list, and two models asked side by side.
'use client';

import { useState } from 'react';
import type { ModelsAnswer } from '#api';
import { Button } from '../_components/shell/Button';
import { useMessages } from '../_components/shell/language';
import { PageFrame } from '../_components/shell/PageFrame';
import { ModelSwitch } from '../_components/jobs/ModelSwitch';
import { api } from '../_lib/api';
import { messages } from './messages';
import { ModelCard } from './ModelCard';
import styles from './models.module.css';
import { SideBySide } from './SideBySide';

interface Props {
  first: ModelsAnswer;
  /** What recall can be measured on. */
  collections: { name: string; captioned: number }[];
}

export function ModelsView({ first, collections }: Props) {
  const text = useMessages(messages);
  const [{ models, previous }, setAnswer] = useState(first);
  const [target, setTarget] = useState<string | null>(null);
  const lookAgain = () => {
    setTarget(null);
    // What cannot be asked now is shown as it was.
    api.models().then(setAnswer, () => undefined);
  };
  const back = previous !== null && target === null && (
    <Button onClick={() => setTarget(previous)}>{text.back(previous)}</Button>
  );
  return (
    <PageFrame title={text.title} intro={text.intro} actions={back}>
      <div className={styles.parts}>
        {target !== null && (
          <section className="card">
            <ModelSwitch model={target} onDone={lookAgain} />
          </section>
        )}
        <ul className={styles.models}>
          {models.map((model) => (
            <ModelCard
              key={model.fingerprint}
              model={model}
              collections={collections}
              onUse={target === null ? () => setTarget(model.name) : null}
              onChange={lookAgain}
            />
          ))}
        </ul>
        <p className={styles.small}>
          {text.pull} <code>npx bifocal model pull Xenova/clip-vit-base-patch32</code>
        </p>
        <SideBySide models={models.filter(({ here, embedded }) => here && embedded.images > 0)} />
      </div>
    </PageFrame>
  );
}
