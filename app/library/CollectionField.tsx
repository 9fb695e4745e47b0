// Which collection pictures go into: a name, the known ones offered.
'use client';

import { useId } from 'react';
import { useMessages } from '../_components/shell/language';
import { messages } from './messages';

interface Props {
  value: string;
  known: readonly string[];
  onChange: (name: string) => void;
}

export function CollectionField({ value, known, onChange }: Props) {
  const text = useMessages(messages);
  const list = useId();
  return (
    <label className="field">
      {text.collection}
      <input
        value={value}
        maxLength={200}
        list={list}
        autoComplete="off"
        onChange={({ target }) => onChange(target.value)}
      />
      <datalist id={list}>
        {known.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <small>{text.collectionHint}</small>
    </label>
  );
}
