// Which collection the chosen pictures go into: one that is there, or a new one.
'use client';

import { useEffect, useState, type SubmitEvent } from 'react';
import type { CollectionAnswer } from '#api';
import { api } from '../../_lib/api';
import { formatFor } from '../../_lib/format';
import { Button } from '../shell/Button';
import { Dialog } from '../shell/Dialog';
import { useLanguage, useMessages } from '../shell/language';
import { selectionMessages } from './messages';
import styles from './SelectionBar.module.css';

interface Props {
  /** How many pictures. */
  count: number;
  onChoose: (name: string) => void;
  onClose: () => void;
}

export function AddToCollection({ count, onChoose, onClose }: Props) {
  const text = useMessages(selectionMessages);
  const format = formatFor(useLanguage());
  const [known, setKnown] = useState<CollectionAnswer[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    api.collections().then(
      ({ collections }) => setKnown(collections),
      (error: Error) => setProblem(error.message),
    );
  }, []);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    onChoose((new FormData(event.currentTarget).get('name') as string).trim());
  };
  return (
    <Dialog
      title={text.addTitle(count)}
      onClose={onClose}
      actions={<Button onClick={onClose}>{text.close}</Button>}
    >
      <form className={styles.form} onSubmit={submit}>
        <label className="field">
          {text.newCollection}
          <input name="name" required pattern=".*\S.*" maxLength={200} autoComplete="off" />
        </label>
        <Button type="submit" kind="primary">
          {text.make}
        </Button>
      </form>
      {problem !== null && <p role="alert">{problem}</p>}
      <ul className={styles.known}>
        {known.map(({ name, items, covers }) => (
          <li key={name}>
            <button type="button" onClick={() => onChoose(name)}>
              {covers[0] && <img src={`${covers[0].thumbnail}&size=small`} alt="" />}
              <span>{name}</span>
              <small>{format.count(items)}</small>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
