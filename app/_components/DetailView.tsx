// One picture over the page: large, with what is known of it and what stands around it. Its address can be shared.
'use client';

import {
  useEffect,
  useEffectEvent,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { fetchDetail } from '../_lib/api';
import type { Detail } from '../_lib/results';
import { DetailFacts } from './DetailFacts';
import { detailMessages } from './detail-messages';
import styles from './DetailView.module.css';
import { BackIcon, CloseIcon, ArrowIcon } from './icons';
import { messages } from './messages';
import { QueryLink, useNavigation, useShown } from './navigation';
import { useMessages } from './shell/language';
import { tileOf, useShownList } from './shown-list';
import { useSwipe } from './useSwipe';
import { WhyProvider } from './WhyPicture';
import { ZoomPicture } from './ZoomPicture';

/** @param first - the details of the item in the address, when the server has drawn them */
export function DetailView({ first }: { first: Detail | null }) {
  const { item } = useShown();
  if (item === null) return null;
  return (
    <WhyProvider>
      <OpenDetail item={item} first={first} />
    </WhyProvider>
  );
}

function OpenDetail({ item, first }: { item: number; first: Detail | null }) {
  const text = useMessages(detailMessages);
  const { query, open, close } = useNavigation();
  const { items, reveal } = useShownList();
  const at = items.indexOf(item);
  const previous = items[at - 1] ?? null;
  const next = at < 0 ? null : (items[at + 1] ?? null);
  const { detail, problem } = useDetail(item, first, [next, previous]);
  const swipe = useSwipe((way) => {
    const to = way === 'left' ? next : previous;
    if (to !== null) open(to);
  });
  const dialog = useRef<HTMLDialogElement>(null);
  const shownLast = useRef(item);
  useEffect(() => {
    shownLast.current = item;
  }, [item]);
  // The list keeps up, so that more of it comes, and one finds oneself in it afterwards.
  useEffect(() => reveal(item), [item, reveal]);
  useEffect(() => {
    const shown = dialog.current;
    // Drawn by the server it is open already, but not modal.
    shown?.close();
    shown?.showModal();
    // Not on its first button, which would look as if it had been chosen.
    shown?.focus();
    return () => {
      shown?.close();
      tileOf(shownLast.current)?.focus();
    };
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    // A picture that has been made larger is moved by them.
    if (event.defaultPrevented || event.ctrlKey || event.metaKey) return;
    const to = { ArrowRight: next, ArrowLeft: previous }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to !== null) open(to);
  };
  const step = (to: number, name: string, way: string | undefined, icon: ReactNode) => (
    <button
      type="button"
      className={`${styles.step} ${way}`}
      aria-label={name}
      onClick={() => open(to)}
    >
      {icon}
    </button>
  );
  return (
    <dialog
      ref={dialog}
      open
      tabIndex={-1}
      className={styles.view}
      aria-label={text.details}
      onKeyDown={onKeyDown}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <div className={styles.stage}>
        <QueryLink
          to={query}
          className={styles.close}
          role="button"
          aria-label={text.close}
          onFollow={close}
        >
          <CloseIcon />
        </QueryLink>
        {detail && <ZoomPicture key={detail.itemId} detail={detail} swipe={swipe} />}
        {problem !== null && (
          <p role="alert" className={styles.problem}>
            {problem}
          </p>
        )}
        {previous !== null && step(previous, text.previous, styles.previous, <BackIcon />)}
        {next !== null && step(next, text.next, styles.next, <ArrowIcon />)}
      </div>
      <div className={styles.side}>{detail && <DetailFacts detail={detail} />}</div>
    </dialog>
  );
}

/** The details of an item; those of the one before stay until they are there. Those beside it are fetched ahead. */
function useDetail(item: number, first: Detail | null, beside: (number | null)[]) {
  const text = useMessages(messages);
  const [answer, setAnswer] = useState<{ detail: Detail | null; problem: string | null }>({
    detail: first?.itemId === item ? first : null,
    problem: null,
  });
  const fetched = useRef(new Map<number, Promise<Detail>>());
  const detailOf = (wanted: number) => {
    const known = fetched.current.get(wanted) ?? fetchDetail(wanted);
    fetched.current.set(wanted, known);
    known.catch(() => fetched.current.delete(wanted));
    return known;
  };
  const known = answer.detail?.itemId === item;
  const show = useEffectEvent((wanted: number, isWanted: () => boolean) => {
    detailOf(wanted).then(
      (detail) => isWanted() && setAnswer({ detail, problem: null }),
      (error: Error) =>
        isWanted() && setAnswer({ detail: null, problem: error.message || text.failed }),
    );
  });
  useEffect(() => {
    if (known) return;
    let wanted = true;
    show(item, () => wanted);
    return () => void (wanted = false);
  }, [item, known]);
  const fetchAhead = useEffectEvent(() => {
    for (const other of beside) {
      if (other === null) continue;
      const load = ({ preview }: Detail) => void (new Image().src = preview);
      detailOf(other).then(load, () => undefined);
    }
  });
  useEffect(() => {
    if (known) fetchAhead();
  }, [item, known]);
  return answer;
}
