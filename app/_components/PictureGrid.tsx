// Pictures in rows of one height that keep their proportions, each with its caption and "More like this".
'use client';

import type { CSSProperties } from 'react';
import { emptyQuery, type Query } from '../_lib/query';
import { labelOf, type ResultHit } from '../_lib/results';
import { SimilarIcon } from './icons';
import { QueryLink } from './navigation';
import styles from './PictureGrid.module.css';

/** Beyond these, a panorama or a scroll is cropped so that it does not take the whole page. */
const NARROWEST = 0.5;
const WIDEST = 2.4;

/** Width over height, within bounds; pictures of unknown size are taken as square. */
export function tileRatio({ width, height }: { width: number | null; height: number | null }) {
  if (!width || !height) return 1;
  return Math.min(Math.max(width / height, NARROWEST), WIDEST);
}

export function PictureGrid({ hits, query }: { hits: ResultHit[]; query: Query }) {
  const ratios = hits.map(tileRatio);
  const uniform = ratios.every((ratio) => Math.abs(ratio - (ratios[0] ?? 1)) < 0.02);
  return (
    <ul className={uniform ? styles.uniform : styles.justified}>
      {hits.map((hit, index) => (
        <Tile key={hit.id} hit={hit} ratio={ratios[index] ?? 1} query={query} eager={index < 12} />
      ))}
    </ul>
  );
}

interface TileProps {
  hit: ResultHit;
  ratio: number;
  query: Query;
  eager: boolean;
}

function Tile({ hit, ratio, query, eager }: TileProps) {
  const label = labelOf(hit);
  const similar = { ...emptyQuery, collection: query.collection, like: hit.itemId };
  return (
    <li className={styles.tile} style={{ '--ratio': ratio } as CSSProperties}>
      <a className={styles.frame} href={hit.original} target="_blank" rel="noreferrer">
        <img src={hit.thumbnail} alt={label} loading={eager ? 'eager' : 'lazy'} decoding="async" />
      </a>
      <QueryLink to={similar} className={styles.similar} aria-label={`More like ${label}`}>
        <SimilarIcon />
        <span>More like this</span>
      </QueryLink>
      <p className={styles.caption} title={label}>
        {label}
      </p>
    </li>
  );
}
