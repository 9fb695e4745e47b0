// One picture over the page: large, with what is known of it and what stands around it. Its address can be shared.
'use client';

import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { fetchDetail } from '../_lib/api';
import type { Detail } from '../_lib/results';
import { DetailFacts } from './DetailFacts';
import { detailMessages } from './detail-messages';
import styles from './DetailView.module.css';
import { BackIcon, CloseIcon, ArrowIcon } from './icons';
import { messages } from './messages';
import { useNavigation } from './navigation';
import { useMessages } from './shell/language';
import { WhyProvider } from './WhyPicture';
import { ZoomPicture } from './ZoomPicture';

/** @param first - the details of the item in the address, when the server has drawn them */
export function DetailView({ first }: { first: Detail | null }) {
  const { item } = useNavigation();
  if (item === null) return null;
  return (
    <WhyProvider>
      <OpenDetail item={item} first={first} />
    </WhyProvider>
  );
}

function OpenDetail({ item, first }: { item: number; first: Detail | null }) {
  const text = useMessages(detailMessages);
  const { open, close, order } = useNavigation();
  const { detail, problem } = useDetail(item, first);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    // Drawn by the server it is open already, but not modal.
    shown?.close();
    shown?.showModal();
    return () => shown?.close();
  }, []);

  const go = (step: 1 | -1) => {
    const at = order.current.indexOf(item);
    const next = at < 0 ? undefined : order.current[at + step];
    if (next !== undefined) open(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey) return;
    if (event.key === 'ArrowRight') go(1);
    else if (event.key === 'ArrowLeft') go(-1);
    else return;
    event.preventDefault();
  };
  return (
    <dialog
      ref={dialog}
      open
      className={styles.view}
      aria-label={text.details}
      onKeyDown={onKeyDown}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <div className={styles.stage}>
        {detail && <ZoomPicture key={detail.itemId} detail={detail} />}
        {problem !== null && <p role="alert">{problem}</p>}
        <button type="button" className={styles.close} aria-label={text.close} onClick={close}>
          <CloseIcon />
        </button>
        <button
          type="button"
          className={`${styles.step} ${styles.previous}`}
          aria-label={text.previous}
          onClick={() => go(-1)}
        >
          <BackIcon />
        </button>
        <button
          type="button"
          className={`${styles.step} ${styles.next}`}
          aria-label={text.next}
          onClick={() => go(1)}
        >
          <ArrowIcon />
        </button>
      </div>
      <div className={styles.side}>{detail && <DetailFacts detail={detail} />}</div>
    </dialog>
  );
}

/** The details of an item; those of the one before stay until they are there. */
function useDetail(item: number, first: Detail | null) {
  const text = useMessages(messages);
  const [answer, setAnswer] = useState<{ detail: Detail | null; problem: string | null }>({
    detail: first?.itemId === item ? first : null,
    problem: null,
  });
  const known = answer.detail?.itemId === item;
  useEffect(() => {
    if (known) return;
    const abort = new AbortController();
    fetchDetail(item, abort.signal).then(
      (detail) => setAnswer({ detail, problem: null }),
      (error: Error) => {
        if (!abort.signal.aborted)
          setAnswer({ detail: null, problem: error.message || text.failed });
      },
    );
    return () => abort.abort();
  }, [item, known, text]);
  return answer;
}
