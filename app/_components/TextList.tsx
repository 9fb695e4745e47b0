// Texts that fit a query, best first, each beside a picture that carries it. A text leads to its pictures.
'use client';

import { emptyQuery, type Query } from '../_lib/query';
import type { ListedHit } from '../_lib/results';
import { ArrowIcon } from './icons';
import { QueryLink } from './navigation';
import styles from './TextList.module.css';

export function TextList({ hits, query }: { hits: ListedHit[]; query: Query }) {
  return (
    <ol className={styles.list}>
      {hits.map((hit) => (
        <li key={hit.id}>
          <QueryLink
            to={{ ...emptyQuery, filters: query.filters, words: hit.text ?? '' }}
            className={styles.row}
          >
            <img src={hit.thumbnail} alt="" loading="lazy" decoding="async" />
            <span>{hit.text}</span>
            <ArrowIcon />
          </QueryLink>
        </li>
      ))}
    </ol>
  );
}
