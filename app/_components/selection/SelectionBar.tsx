// What can be done with the chosen pictures: a bar over the lower edge of the page, and what came of it.
'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { MAX_ARCHIVED, MAX_LIKE } from '#limits';
import { api } from '../../_lib/api';
import { searchOrder, USUAL_WEIGHT, type Query } from '../../_lib/query';
import {
  CloseIcon,
  CollectionIcon,
  DownloadIcon,
  ForgetIcon,
  PlusIcon,
  TakeOutIcon,
} from '../icons';
import { useNavigation } from '../navigation';
import { Confirm } from '../shell/Dialog';
import { useMessages } from '../shell/language';
import { AddToCollection } from './AddToCollection';
import { selectionMessages } from './messages';
import styles from './SelectionBar.module.css';
import type { Selection } from './useSelection';

/** Milliseconds that what came of it stays. */
const SAID = 6000;

export function SelectionBar({ query, selection }: { query: Query; selection: Selection }) {
  const text = useMessages(selectionMessages);
  const router = useRouter();
  const { go } = useNavigation();
  const [asked, setAsked] = useState<'add' | 'forget' | null>(null);
  const [said, setSaid] = useState('');
  const { chosen, clear, drop } = selection;
  const count = chosen.length;
  const { collection } = query.filters;
  useEffect(() => {
    const timer = setTimeout(() => setSaid(''), SAID);
    return () => clearTimeout(timer);
  }, [said]);

  const searchLike = () => {
    const others = query.like.filter(({ item }) => !chosen.includes(item));
    const like = chosen.map((item) => ({ item, weight: USUAL_WEIGHT.like }));
    go({ ...query, sort: searchOrder(query), like: [...others, ...like] });
  };
  /** What the pictures are part of has changed: the page's counts too. */
  const change = async (work: () => Promise<unknown>, done: string, leave: () => void) => {
    setAsked(null);
    try {
      await work();
      leave();
      setSaid(done);
      router.refresh();
    } catch (error) {
      setSaid((error as Error).message);
    }
  };
  const takeOut = (name: string) =>
    change(() => api.takeOutOfCollection(name, [...chosen]), text.takenOut(count, name), drop);

  return (
    <>
      <p className="visuallyHidden" role="status">
        {said || (count > 0 ? text.chosen(count) : '')}
      </p>
      {(count > 0 || said !== '') && (
        <section className={styles.bar} aria-label={text.selection}>
          <button
            type="button"
            aria-label={count > 0 ? text.clear : text.close}
            onClick={() => (count > 0 ? clear() : setSaid(''))}
          >
            <CloseIcon />
          </button>
          <p aria-hidden="true">
            {said || (
              <>
                <b>{count}</b>
                <span>{text.chosen(count)}</span>
              </>
            )}
          </p>
          {count > 0 && (
            <>
              <button
                type="button"
                disabled={count + query.like.length > MAX_LIKE}
                title={text.tooMany(MAX_LIKE)}
                onClick={searchLike}
              >
                <PlusIcon /> <span>{text.moreLike}</span>
              </button>
              <button type="button" onClick={() => setAsked('add')}>
                <CollectionIcon /> <span>{text.add}</span>
              </button>
              {collection !== undefined && (
                <button type="button" onClick={() => void takeOut(collection)}>
                  <TakeOutIcon /> <span>{text.takeOut(collection)}</span>
                </button>
              )}
              {count <= MAX_ARCHIVED && (
                <a href={downloadOf(chosen)} download>
                  <DownloadIcon /> <span>{text.download}</span>
                </a>
              )}
              <button type="button" onClick={() => setAsked('forget')}>
                <ForgetIcon /> <span>{text.forget}</span>
              </button>
            </>
          )}
        </section>
      )}
      {asked === 'add' && (
        <AddToCollection
          count={count}
          onChoose={(name) =>
            void change(
              () => api.addToCollection(name, [...chosen]),
              text.added(count, name),
              clear,
            )
          }
          onClose={() => setAsked(null)}
        />
      )}
      {asked === 'forget' && (
        <Confirm
          title={text.forgetTitle(count)}
          action={text.forget}
          danger
          onConfirm={() =>
            void change(() => api.forgetItems([...chosen]), text.forgotten(count), drop)
          }
          onClose={() => setAsked(null)}
        >
          <p>{text.forgetText}</p>
        </Confirm>
      )}
    </>
  );
}

/** One file as it is, several in one archive. */
function downloadOf(chosen: readonly number[]): string {
  const [first] = chosen;
  return chosen.length === 1
    ? `/api/v1/items/${first}/original`
    : `/api/v1/items/archive?ids=${chosen.join()}`;
}
