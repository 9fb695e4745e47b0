// The start: examples to click and a wall of pictures from the collection, each a way in.
'use client';

import { formatFor } from '../_lib/format';
import { emptyQuery, moreLike } from '../_lib/query';
import type { LibraryStatus, Picture } from '../_lib/results';
import { messages } from './messages';
import { QueryLink } from './navigation';
import { useLanguage, useMessages } from './shell/language';
import styles from './Welcome.module.css';

export function Examples({ words }: { words: string[] }) {
  const text = useMessages(messages);
  if (words.length === 0) return null;
  return (
    <ul className={styles.examples} aria-label={text.examples}>
      {words.map((example) => (
        <li key={example}>
          <QueryLink to={{ ...emptyQuery, words: example }}>{example}</QueryLink>
        </li>
      ))}
    </ul>
  );
}

export function PictureWall({
  pictures,
  library,
}: {
  pictures: Picture[];
  library: LibraryStatus;
}) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  return (
    <>
      <div className={styles.head}>
        <h2>{text.fromYours}</h2>
        <p>
          {format.list([
            text.pictures(library.items),
            ...(library.captions > 0 ? [text.texts(library.captions)] : []),
          ])}
        </p>
        <QueryLink to={{ ...emptyQuery, sort: 'newest' }}>{text.byDate}</QueryLink>
      </div>
      <ul className={styles.wall}>
        {pictures.map((picture, index) => (
          <li key={picture.itemId}>
            <QueryLink
              to={moreLike(emptyQuery, picture.itemId)}
              title={picture.label}
              aria-label={text.moreLikeNamed(picture.label)}
            >
              <img
                src={picture.thumbnail}
                alt=""
                loading={index < 24 ? 'eager' : 'lazy'}
                decoding="async"
              />
            </QueryLink>
          </li>
        ))}
      </ul>
    </>
  );
}
