// Pictures in rows of one height that keep their proportions, each with its caption and ways to steer the search.
'use client';

import { memo } from 'react';
import { asks, searchOrder, USUAL_WEIGHT, type Query } from '../_lib/query';
import { labelOf, type ListedHit } from '../_lib/results';
import { MinusIcon, PlusIcon } from './icons';
import { messages } from './messages';
import { QueryLink, useNavigation } from './navigation';
import styles from './PictureGrid.module.css';
import { useMessages } from './shell/language';

/** Beyond these, a panorama or a scroll is cropped so that it does not take the whole page. */
const NARROWEST = 0.45;
const WIDEST = 3;
/** How far from square pictures may be to stand in columns. */
const NEARLY = 0.2;
/** A tile's shape is right to this, so that a few rules of the style sheet can say it. */
const STEP = 0.05;

/** Width over height, within bounds; pictures of unknown size are taken as square. */
export function tileRatio({ width, height }: { width: number | null; height: number | null }) {
  if (!width || !height) return 1;
  const steps = Math.round(width / height / STEP);
  return Math.min(Math.max(steps * STEP, NARROWEST), WIDEST);
}

interface Props {
  hits: ListedHit[];
  query: Query;
  /** How many pictures stand before these on the page. */
  before?: number;
}

/** Loaded at once; the rest as it comes into view. */
const EAGER = 12;
/** Of these, asked for before the style sheet: more would take all six connections, and nothing is painted without it. */
const URGENT = 4;

export const PictureGrid = memo(function PictureGrid({ hits, query, before = 0 }: Props) {
  const ratios = hits.map(tileRatio);
  const uniform = ratios.every((ratio) => Math.abs(ratio - 1) < NEARLY);
  return (
    <ul className={uniform ? styles.uniform : styles.justified}>
      {hits.map((hit, index) => (
        <Tile
          key={hit.id}
          hit={hit}
          ratio={ratios[index] ?? 1}
          query={query}
          place={before + index}
        />
      ))}
    </ul>
  );
});

interface TileProps {
  hit: ListedHit;
  ratio: number;
  query: Query;
  /** On the page, from 0. */
  place: number;
}

/** Drawn once: of a list that grows, only what has come. */
const Tile = memo(function Tile({ hit, ratio, query, place }: TileProps) {
  const text = useMessages(messages);
  const { open } = useNavigation();
  const label = labelOf(hit);
  const whole = Math.floor(ratio + STEP / 2);
  const byWords = hit.matched.filter((how) => how !== 'meaning');
  return (
    <li
      className={styles.tile}
      data-whole={whole}
      data-part={Math.round((ratio - whole) / STEP) * 5}
    >
      <QueryLink
        to={query}
        more={{ item: hit.itemId }}
        className={styles.frame}
        data-tile={hit.itemId}
        title={hit.matched.map((how) => text.matched[how]).join(' · ') || undefined}
        onFollow={() => open(hit.itemId)}
      >
        <img
          src={hit.thumbnail}
          srcSet={`${hit.thumbnail}&size=small 1x, ${hit.thumbnail} 2x`}
          alt={label}
          loading={place < EAGER ? 'eager' : 'lazy'}
          fetchPriority={place < URGENT ? 'high' : 'auto'}
          decoding="async"
        />
      </QueryLink>
      <label className={styles.choose}>
        <input
          type="checkbox"
          value={hit.itemId}
          aria-label={text.choose(label)}
          data-choose
          // The picture's link takes the space bar for it.
          tabIndex={-1}
        />
      </label>
      <div className={styles.steer}>
        <QueryLink
          to={steered(query, 'like', hit.itemId)}
          title={text.more}
          aria-label={text.moreLikeNamed(label)}
          data-steer="like"
        >
          <PlusIcon />
        </QueryLink>
        {asks(query) && (
          <QueryLink
            to={steered(query, 'unlike', hit.itemId)}
            title={text.less}
            aria-label={text.lessLikeNamed(label)}
            data-steer="unlike"
          >
            <MinusIcon />
          </QueryLink>
        )}
      </div>
      <p className={styles.caption} title={label}>
        {byWords.map((how) => (
          <b key={how} className={styles.matched}>
            {text.matched[how]}
          </b>
        ))}
        {label}
      </p>
    </li>
  );
});

/** The query with one more picture to be like or unlike, in place of whatever it said of it before. */
export function steered(query: Query, way: 'like' | 'unlike', item: number): Query {
  const others = (terms: Query['like']) => terms.filter((term) => term.item !== item);
  const rest = { ...query, like: others(query.like), unlike: others(query.unlike) };
  // Without anything wanted, less of one picture is no search.
  if (way === 'unlike' && !asks(rest)) return query;
  const terms = [...rest[way], { item, weight: USUAL_WEIGHT[way] }];
  return { ...rest, sort: searchOrder(query), [way]: terms };
}
