// The terms of a query beside its words, as chips: what to avoid, pictures to be like and unlike, each with its weight.
'use client';

import { useEffect, useRef, type ChangeEvent } from 'react';
import type { Query } from '../_lib/query';
import type { Picture } from '../_lib/results';
import { CloseIcon, MinusIcon, PlusIcon } from './icons';
import { messages } from './messages';
import { QueryLink, useNavigation } from './navigation';
import { useMessages } from './shell/language';
import styles from './TermChips.module.css';

type Kind = 'not' | 'like' | 'unlike';

interface Props {
  query: Query;
  /** The pictures of the items that the query names. */
  pictures: Record<number, Picture>;
}

export function TermChips({ query, pictures }: Props) {
  const text = useMessages(messages);
  const { not, like, unlike } = query;
  if (not.length + like.length + unlike.length === 0) return null;
  return (
    <ul className={styles.terms} aria-label={text.terms}>
      {like.map(({ item }, at) => (
        <TermChip key={`+${item}`} {...{ query, kind: 'like', at }} picture={pictures[item]} />
      ))}
      {unlike.map(({ item }, at) => (
        <TermChip key={`-${item}`} {...{ query, kind: 'unlike', at }} picture={pictures[item]} />
      ))}
      {not.map(({ words }, at) => (
        <TermChip key={`-${words}`} {...{ query, kind: 'not', at }} words={words} />
      ))}
    </ul>
  );
}

interface ChipProps {
  query: Query;
  kind: Kind;
  /** Where it stands among the terms of its kind. */
  at: number;
  picture?: Picture | undefined;
  words?: string;
}

function TermChip({ query, kind, at, picture, words }: ChipProps) {
  const text = useMessages(messages);
  const name =
    words === undefined
      ? `${kind === 'like' ? text.moreOf : text.lessOf}${picture ? `: ${picture.label}` : ''}`
      : text.without(words);
  return (
    <li className={styles.term} title={name}>
      {kind === 'like' ? <PlusIcon /> : <MinusIcon />}
      {picture && <img src={picture.thumbnail} alt={picture.label} />}
      {words !== undefined && <span>{words}</span>}
      <Weight query={query} kind={kind} at={at} name={name} />
      <QueryLink
        to={{ ...query, [kind]: query[kind].filter((_, index) => index !== at) }}
        aria-label={text.remove(name)}
      >
        <CloseIcon />
      </QueryLink>
    </li>
  );
}

/** Long enough for a hand that still moves, short enough to feel live. */
const settleMs = 180;

function Weight({ query, kind, at, name }: { query: Query; kind: Kind; at: number; name: string }) {
  const text = useMessages(messages);
  const { go } = useNavigation();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (event: ChangeEvent<HTMLInputElement>) => {
    const weight = Number(event.target.value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const terms = query[kind].map((term, index) => (index === at ? { ...term, weight } : term));
      go({ ...query, [kind]: terms });
    }, settleMs);
  };
  const weight = query[kind][at]!.weight;
  return (
    <input
      // What the address says counts again when it has changed.
      key={weight}
      type="range"
      className={styles.weight}
      min="0.1"
      max="2"
      step="0.1"
      defaultValue={weight}
      aria-label={text.weightOf(name)}
      onChange={change}
    />
  );
}
