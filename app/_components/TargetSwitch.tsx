// The switch between finding pictures and finding texts: two links that keep the rest of the query.
'use client';

import type { Query } from '../_lib/query';
import { PictureIcon, TextIcon } from './icons';
import { messages } from './messages';
import { QueryLink } from './navigation';
import { useMessages } from './shell/language';
import styles from './TargetSwitch.module.css';

export function TargetSwitch({ query }: { query: Query }) {
  const text = useMessages(messages);
  const current = (target: Query['in']) => (query.in === target ? 'page' : undefined);
  return (
    <nav className={styles.switch} aria-label={text.whatToFind}>
      <QueryLink to={{ ...query, in: 'image' }} aria-current={current('image')}>
        <PictureIcon /> {text.findPictures}
      </QueryLink>
      <QueryLink to={{ ...query, in: 'text' }} aria-current={current('text')}>
        <TextIcon /> {text.findTexts}
      </QueryLink>
    </nav>
  );
}
