// The start: examples to click and a wall of pictures from the collection, each a way in.
'use client';

import { emptyQuery } from '../_lib/query';
import type { LibraryStatus, Picture } from '../_lib/results';
import { QueryLink } from './navigation';
import styles from './Welcome.module.css';

export function Examples({ words }: { words: string[] }) {
  if (words.length === 0) return null;
  return (
    <ul className={styles.examples} aria-label="Examples">
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
  return (
    <>
      <div className={styles.head}>
        <h2>From your pictures</h2>
        <p>{counts(library)}</p>
      </div>
      <ul className={styles.wall}>
        {pictures.map((picture, index) => (
          <li key={picture.itemId}>
            <QueryLink
              to={{ ...emptyQuery, like: picture.itemId }}
              title={picture.label}
              aria-label={`More like ${picture.label}`}
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

function counts({ items, captions }: LibraryStatus): string {
  const number = new Intl.NumberFormat('en');
  const pictures = `${number.format(items)} ${items === 1 ? 'picture' : 'pictures'}`;
  return captions === 0 ? pictures : `${pictures}, ${number.format(captions)} texts`;
}
