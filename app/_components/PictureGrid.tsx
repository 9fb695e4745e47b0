// Pictures in rows of one height that keep their proportions, each with its caption and ways to steer the search.
'use client';

import { memo, useMemo } from 'react';
import { asks, searchOrder, USUAL_WEIGHT, type Query } from '../_lib/query';
import { labelOf, type ListedHit } from '../_lib/results';
import { DrawnRows, type Part } from './DrawnRows';
import { inColumns, STEP, tileRatio } from './grid-rows';
import { MinusIcon, PlusIcon } from './icons';
import { messages } from './messages';
import { QueryLink, useNavigation } from './navigation';
import styles from './PictureGrid.module.css';
import { useMessages } from './shell/language';

interface Props extends Part {
  hits: ListedHit[];
  query: Query;
  /** How many pictures stand before these on the page. */
  before: number;
  chosen: ReadonlySet<number>;
  onChoose: Choose;
}

/** What ticks and clears a picture; with Shift, all up to the one before. */
export type Choose = (item: number, range: boolean) => void;

/** Loaded at once; the rest as it comes into view. */
const EAGER = 12;
/** Of these, asked for before the style sheet: more would take all six connections, and nothing is painted without it. */
const URGENT = 4;

export const PictureGrid = memo(function PictureGrid(props: Props) {
  const { hits, query, before, chosen, onChoose, ...part } = props;
  const ratios = useMemo(() => hits.map(tileRatio), [hits]);
  const tiles = (from: number, to: number) =>
    hits
      .slice(from, to)
      .map((hit, n) => (
        <Tile
          key={hit.id}
          hit={hit}
          ratio={ratios[from + n]!}
          query={query}
          place={before + from + n}
          at={from + n + 1}
          of={hits.length}
          chosen={chosen.has(hit.itemId)}
          onChoose={onChoose}
        />
      ));
  return (
    <DrawnRows
      className={inColumns(ratios) ? styles.uniform : styles.justified}
      count={hits.length}
      draw={tiles}
      {...part}
    />
  );
});

interface TileProps {
  hit: ListedHit;
  ratio: number;
  query: Query;
  /** On the page, from 0. */
  place: number;
  /** Which of how many of its list, as it is read out: they need not all be drawn. */
  at: number;
  of: number;
  chosen: boolean;
  onChoose: Choose;
}

/** Drawn once: of a list that grows, only what has come. */
const Tile = memo(function Tile(props: TileProps) {
  const { hit, ratio, query, place, at, of, chosen, onChoose } = props;
  const text = useMessages(messages);
  const { open } = useNavigation();
  const label = labelOf(hit);
  const whole = Math.floor(ratio + STEP / 2);
  const byWords = hit.matched.filter((how) => how !== 'meaning');
  return (
    <li
      className={styles.tile}
      data-hit={hit.id}
      aria-posinset={at}
      aria-setsize={of}
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
          checked={chosen}
          onChange={({ nativeEvent }) => onChoose(hit.itemId, (nativeEvent as MouseEvent).shiftKey)}
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
