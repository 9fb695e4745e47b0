// The same words asked of two models: their first pictures beside each other, and what only one of them finds.
'use client';

import { useState, type FormEvent } from 'react';
import type { ModelAnswer } from '#api';
import { ApiError, type Answer } from '#client';
import { Button } from '../_components/shell/Button';
import { useMessages } from '../_components/shell/language';
import { api } from '../_lib/api';
import { messages } from './messages';
import styles from './models.module.css';

type Hits = Answer<'searchModel'>;
type Column = { state: 'warming' } | { state: 'failed'; reason: string } | { state: 'hits'; hits: Hits };

/** Milliseconds between two tries while an engine starts. */
const PAUSE = 500;

export function SideBySide({ models }: { models: ModelAnswer[] }) {
  const text = useMessages(messages);
  const [columns, setColumns] = useState<[Column, Column] | null>(null);
  const [asking, setAsking] = useState(false);
  if (models.length < 2) {
    return (
      <section className={styles.side}>
        <h2>{text.sideTitle}</h2>
        <p className={styles.small}>{text.needTwo}</p>
      </section>
    );
  }
  const ask = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const q = form.get('q') as string;
    const show = (at: 0 | 1, column: Column) =>
      setColumns((before) => {
        const next: [Column, Column] = before ?? [{ state: 'warming' }, { state: 'warming' }];
        return at === 0 ? [column, next[1]] : [next[0], column];
      });
    const fill = async (at: 0 | 1, name: string) => {
      show(at, { state: 'warming' });
      await searchWhenReady(form.get(name) as string, q).then(
        (hits) => show(at, { state: 'hits', hits }),
        (error: Error) => show(at, { state: 'failed', reason: error.message }),
      );
    };
    setAsking(true);
    // One after the other: only one model that does not serve is loaded at a time.
    void fill(0, 'left')
      .then(() => fill(1, 'right'))
      .finally(() => setAsking(false));
  };
  const found = columns?.map((one) => (one.state === 'hits' ? one.hits : null)) ?? [];
  return (
    <section className={styles.side}>
      <div>
        <h2>{text.sideTitle}</h2>
        <p className={styles.small}>{text.sideHint}</p>
      </div>
      <form className={styles.ask} onSubmit={ask}>
        <ModelSelect name="left" label={text.left} models={models} chosen={0} />
        <ModelSelect name="right" label={text.right} models={models} chosen={1} />
        <label className="field">
          <span>{text.query}</span>
          <input name="q" required maxLength={500} autoComplete="off" />
        </label>
        <Button type="submit" kind="primary" busy={asking}>
          {text.ask}
        </Button>
      </form>
      {columns !== null && (
        <div className={styles.columns} aria-live="polite">
          {columns.map((column, n) => (
            <HitColumn key={n} column={column} other={found[1 - n] ?? null} />
          ))}
        </div>
      )}
    </section>
  );
}

/** An engine that starts refuses with 503: asked again until it answers. */
async function searchWhenReady(fingerprint: string, q: string): Promise<Hits> {
  for (;;) {
    try {
      return await api.searchModel(fingerprint, { q });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 503) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}

interface SelectProps {
  name: string;
  label: string;
  models: ModelAnswer[];
  chosen: number;
}

function ModelSelect({ name, label, models, chosen }: SelectProps) {
  return (
    <label className="field">
      <span>{label}</span>
      <select name={name} defaultValue={models[chosen]!.fingerprint}>
        {models.map((model) => (
          <option key={model.fingerprint} value={model.fingerprint}>
            {model.name}
          </option>
        ))}
      </select>
    </label>
  );
}

function HitColumn({ column, other }: { column: Column; other: Hits | null }) {
  const text = useMessages(messages);
  if (column.state === 'warming') return <p className={styles.small}>{text.warming}</p>;
  if (column.state === 'failed') return <p className={styles.gone}>{text.failed(column.reason)}</p>;
  const { model, took, hits } = column.hits;
  const elsewhere = other && new Set(other.hits.map(({ itemId }) => itemId));
  const shared = hits.filter(({ itemId }) => elsewhere?.has(itemId)).length;
  return (
    <div>
      <h3>
        {model}{' '}
        <small>
          {text.took((took.encodeMs + took.searchMs).toFixed(0))}
          {elsewhere && ` · ${text.shared(shared, hits.length)}`}
        </small>
      </h3>
      {hits.length === 0 && <p className={styles.small}>{text.noHits}</p>}
      <ol className={styles.hits}>
        {hits.map(({ itemId, label, thumbnail, score }) => (
          <li key={itemId} data-new={elsewhere !== null && !elsewhere.has(itemId)}>
            <a href={`/?item=${itemId}`}>
              <img src={thumbnail} alt={label} loading="lazy" />
            </a>
            <span>{score.toFixed(2)}</span>
            {elsewhere !== null && !elsewhere.has(itemId) && <em>{text.new}</em>}
          </li>
        ))}
      </ol>
    </div>
  );
}
