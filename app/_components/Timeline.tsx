// The months of a list by date, along the edge of the window: drag, click or arrow keys lead to one of them.
'use client';

import { useRouter, useSearchParams } from 'next/navigation';
import { useEffect, useEffectEvent, useRef, useState, type PointerEvent } from 'react';
import { formatFor } from '../_lib/format';
import { browseOrder, queryHref, type Query } from '../_lib/query';
import { messages } from './messages';
import { cursorBefore, type Stop } from './months';
import { useLanguage, useMessages } from './shell/language';
import styles from './Timeline.module.css';

/** Years that have room beside the rail. */
const LABELS = 24;
/** Milliseconds after a scroll in which a finger may take the rail. */
const MOVING = 1500;

interface Props {
  query: Query;
  stops: readonly Stop[];
}

export function Timeline({ query, stops }: Props) {
  // One month is no way to anywhere.
  return stops.length < 2 ? null : <Rail query={query} stops={stops} />;
}

function Rail({ query, stops }: Props) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const router = useRouter();
  const rail = useRef<HTMLInputElement>(null);
  /** The stop that is read, and the one that is pointed at. */
  const [read, setRead] = useState(0);
  const [shown, setShown] = useState<number | null>(null);
  const nameOf = ({ month }: Stop) => (month === null ? text.undated : format.month(month));
  const last = stops.length - 1;
  const begin = useSearchParams().get('after');

  const follow = useEffectEvent(() => {
    const sections = [...document.querySelectorAll<HTMLElement>('main section[aria-label]')];
    // What is read lies in the middle of the window.
    const middle = window.innerHeight / 2;
    const above = sections.findLast((each) => each.getBoundingClientRect().top < middle);
    const name = (above ?? sections[0])?.ariaLabel;
    const at = stops.findIndex((stop) => nameOf(stop) === name);
    if (at >= 0 && shown === null) setRead(at);
  });
  const [moving, setMoving] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const hear = () => {
      follow();
      setMoving(true);
      clearTimeout(timer);
      timer = setTimeout(() => setMoving(false), MOVING);
    };
    const first = requestAnimationFrame(() => follow());
    window.addEventListener('scroll', hear, { passive: true });
    return () => {
      clearTimeout(timer);
      cancelAnimationFrame(first);
      window.removeEventListener('scroll', hear);
    };
  }, [begin]);

  const jump = () => {
    const stop = stops[rail.current!.valueAsNumber]!;
    setShown(null);
    const name = CSS.escape(nameOf(stop));
    const section = document.querySelector(`main section[aria-label="${name}"]`);
    if (section !== null) section.scrollIntoView();
    else router.push(queryHref(query, { after: cursorBefore(stop, browseOrder(query)) }));
  };
  const point = ({ clientY, buttons }: PointerEvent) => {
    if (buttons > 0) return;
    const { top, height } = rail.current!.getBoundingClientRect();
    setShown(Math.min(last, Math.max(0, Math.round((last * (clientY - top)) / height))));
  };
  const years = stops.flatMap(({ month }, at) => {
    const year = month?.slice(0, 4);
    const begins = year !== undefined && year !== stops[at - 1]?.month?.slice(0, 4);
    return begins ? [{ year, at }] : [];
  });
  const apart = stops.length / LABELS;
  const labelled = years.filter(({ at }, n) => n === 0 || at - years[n - 1]!.at >= apart);
  return (
    <div className={styles.timeline} data-moving={moving || shown !== null}>
      {labelled.map(({ year, at }) => (
        <span key={year} className={styles.year} style={{ top: `${(100 * at) / last}%` }}>
          {year}
        </span>
      ))}
      <input
        ref={rail}
        type="range"
        max={last}
        value={Math.min(read, last)}
        aria-label={text.months}
        aria-valuetext={nameOf(stops[Math.min(read, last)]!)}
        onChange={({ currentTarget }) => {
          setRead(currentTarget.valueAsNumber);
          setShown(currentTarget.valueAsNumber);
        }}
        onPointerMove={point}
        onPointerLeave={() => setShown(null)}
        onPointerUp={jump}
        onKeyUp={({ key }) => /^(Arrow|Page|Home|End)/.test(key) && jump()}
      />
      {shown !== null && (
        <p className={styles.month} style={{ top: `${(100 * shown) / last}%` }}>
          {nameOf(stops[shown]!)}{' '}
          {stops[shown]!.count !== null && <small>{text.number(stops[shown]!.count)}</small>}
        </p>
      )}
    </div>
  );
}
