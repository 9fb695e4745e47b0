// The collections: covers, counts, the way into each, and forgetting one.
'use client';

import Link from 'next/link';
import { useState } from 'react';
import type { CollectionAnswer } from '#api';
import { Button } from '../_components/shell/Button';
import { Confirm } from '../_components/shell/Dialog';
import { useLanguage, useMessages } from '../_components/shell/language';
import { api } from '../_lib/api';
import { formatFor } from '../_lib/format';
import styles from './library.module.css';
import { messages } from './messages';

interface Props {
  collections: readonly CollectionAnswer[];
  onChange: () => void;
}

export function Collections({ collections, onChange }: Props) {
  const text = useMessages(messages);
  const [asked, setAsked] = useState<CollectionAnswer | null>(null);
  return (
    <section aria-label={text.collections}>
      <ul className={styles.collections}>
        {collections.map((collection) => (
          <CollectionCard
            key={collection.name}
            collection={collection}
            onForget={() => setAsked(collection)}
          />
        ))}
      </ul>
      {asked !== null && (
        <ForgetCollection collection={asked} onDone={onChange} onClose={() => setAsked(null)} />
      )}
    </section>
  );
}

function CollectionCard({
  collection: { name, items, present, covers },
  onForget,
}: {
  collection: CollectionAnswer;
  onForget: () => void;
}) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  return (
    <li className={styles.collection}>
      <Link
        href={`/?collection=${encodeURIComponent(name)}`}
        className={styles.covers}
        data-count={covers.length}
        aria-label={text.searchIn(name)}
      >
        {covers.map(({ itemId, thumbnail }) => (
          <img key={itemId} src={thumbnail} alt="" loading="lazy" decoding="async" />
        ))}
      </Link>
      <div className={styles.caption}>
        <div>
          <h2>{name}</h2>
          <p>
            {text.items(format.count(items))}
            {present < items && ` · ${text.missing(format.count(items - present))}`}
          </p>
        </div>
        <Button small kind="quiet" aria-label={text.forgetNamed(name)} onClick={onForget}>
          {text.forget}
        </Button>
      </div>
    </li>
  );
}

interface ForgetProps {
  collection: CollectionAnswer;
  onDone: () => void;
  onClose: () => void;
}

function ForgetCollection({ collection: { name, items }, onDone, onClose }: ForgetProps) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const [pictures, setPictures] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const forget = async () => {
    setBusy(true);
    try {
      if (pictures) await forgetPictures(name);
      await api.forgetCollection(name);
      onDone();
      onClose();
    } catch (error) {
      setFailure((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <Confirm
      title={text.forgetTitle(name)}
      action={text.forget}
      danger
      busy={busy}
      onConfirm={() => void forget()}
      onClose={onClose}
    >
      <p>{text.forgetText}</p>
      <label className={styles.choice}>
        <input
          type="checkbox"
          checked={pictures}
          onChange={({ target }) => setPictures(target.checked)}
        />
        {text.forgetPictures(format.count(items))}
      </label>
      {pictures && <p>{text.forgetNote}</p>}
      {failure !== null && (
        <p role="alert" className={styles.reason}>
          {failure}
        </p>
      )}
    </Confirm>
  );
}

/** Page by page: what has gone moves the next to the front. */
async function forgetPictures(collection: string): Promise<void> {
  for (;;) {
    const { items } = await api.items({ collection, limit: 200 });
    if (items.length === 0) return;
    await api.forgetItems(items.map(({ itemId }) => itemId));
  }
}
