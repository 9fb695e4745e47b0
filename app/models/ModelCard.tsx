// One model: what it is, how well it finds, and what can be done with it.
'use client';

import Link from 'next/link';
import { useState } from 'react';
import type { ModelAnswer } from '#api';
import { Button } from '../_components/shell/Button';
import { Confirm } from '../_components/shell/Dialog';
import { useLanguage, useMessages } from '../_components/shell/language';
import { formatFor } from '../_lib/format';
import { DropEmbeddings } from './DropEmbeddings';
import { MeasureRecall } from './MeasureRecall';
import { messages } from './messages';
import styles from './models.module.css';

interface Props {
  model: ModelAnswer;
  collections: { name: string; captioned: number }[];
  /** Lets it serve; null while another is being taken into use. */
  onUse: (() => void) | null;
  onChange: () => void;
}

export function ModelCard({ model, collections, onUse, onChange }: Props) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const [asking, setAsking] = useState(false);
  const { name, serves, here, waiting, embedded } = model;
  return (
    <li className={`card ${styles.model}`} data-serves={serves}>
      <div className={styles.head}>
        <h2>{name}</h2>
        {serves && <span className={styles.badge}>{text.serves}</span>}
        {!here && <span className={styles.gone}>{text.gone}</span>}
      </div>
      <Facts model={model} />
      <Recall recall={model.recall} />
      <div className={styles.actions}>
        {!serves && here && (
          <Button small kind="primary" disabled={onUse === null} onClick={() => setAsking(true)}>
            {text.use}
          </Button>
        )}
        {here && collections.length > 0 && (
          <MeasureRecall model={name} collections={collections} onDone={onChange} />
        )}
        {!serves && embedded.images > 0 && <DropEmbeddings model={model} onDone={onChange} />}
      </div>
      {asking && (
        <Confirm
          title={text.useTitle(name)}
          action={text.use}
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            onUse?.();
          }}
        >
          <p>{waiting > 0 ? text.useText(format.count(waiting)) : text.useReady}</p>
        </Confirm>
      )}
    </li>
  );
}

function Facts({ model: { dimension, bytes, embedded, waiting, base, run } }: { model: ModelAnswer }) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  return (
    <ul className={styles.facts}>
      {dimension !== null && (
        <li>
          <b>{format.count(dimension)}</b> {text.numbers}
        </li>
      )}
      {bytes !== null && (
        <li>
          <b>{format.bytes(bytes)}</b>
        </li>
      )}
      <li>
        <b>{format.count(embedded.images)}</b> {text.embedded}
        {waiting > 0 && ` · ${text.waiting(format.count(waiting))}`}
      </li>
      {base !== null && run !== null && (
        <li>
          {text.from} <b>{base}</b>,{' '}
          <Link href={`/training/${run}`} prefetch={false}>
            {text.run}
          </Link>
        </li>
      )}
    </ul>
  );
}

function Recall({ recall }: { recall: ModelAnswer['recall'] }) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  if (recall === null) return <p className={styles.small}>{text.notMeasured}</p>;
  const rows = [
    [text.words, recall.textToImage],
    [text.picture, recall.imageToText],
  ] as const;
  return (
    <table className={styles.recall}>
      <caption>
        {text.recallAt(format.count(recall.pictures), recall.collection)}: {text.mean}{' '}
        <b>{format.percent(recall.mean)}</b>
      </caption>
      <thead>
        <tr>
          <td />
          {['@1', '@5', '@10'].map((cut) => (
            <th key={cut} scope="col">
              {cut}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([way, { r1, r5, r10 }]) => (
          <tr key={way}>
            <th scope="row">{way}</th>
            {[r1, r5, r10].map((share, n) => (
              <td key={n}>{format.percent(share)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
