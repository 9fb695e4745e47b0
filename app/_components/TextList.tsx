// Texts that fit a query, best first, each beside a picture that carries it. A text leads to its pictures.
'use client';

import { memo } from 'react';
import { emptyQuery, type Query } from '../_lib/query';
import type { ListedHit } from '../_lib/results';
import { DrawnRows, type Part } from './DrawnRows';
import { ArrowIcon } from './icons';
import { QueryLink } from './navigation';
import styles from './TextList.module.css';

interface Props extends Part {
  hits: ListedHit[];
  query: Query;
}

export const TextList = memo(function TextList({ hits, query, ...part }: Props) {
  const cards = (from: number, to: number) =>
    hits
      .slice(from, to)
      .map((hit, n) => (
        <Card key={hit.id} hit={hit} query={query} at={from + n + 1} of={hits.length} />
      ));
  return <DrawnRows className={styles.list} count={hits.length} draw={cards} {...part} />;
});

interface CardProps {
  hit: ListedHit;
  query: Query;
  /** Which of how many of its list, as it is read out: they need not all be drawn. */
  at: number;
  of: number;
}

/** Drawn once, however the list grows. */
const Card = memo(function Card({ hit, query, at, of }: CardProps) {
  const words = hit.text ?? '';
  return (
    <li className={styles.card} data-hit={hit.id} aria-posinset={at} aria-setsize={of}>
      <QueryLink to={{ ...emptyQuery, filters: query.filters, words }} className={styles.row}>
        <img src={hit.thumbnail} alt="" loading="lazy" decoding="async" />
        <span>{words}</span>
        <ArrowIcon />
      </QueryLink>
    </li>
  );
});
