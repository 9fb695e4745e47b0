// The frame of every page but the search: a heading with a line under it, actions beside, the content below.
import Link from 'next/link';
import type { ReactNode } from 'react';
import { BackIcon } from '../icons';
import styles from './PageFrame.module.css';

interface Props {
  title: string;
  /** The page that this one is part of. */
  within?: { href: string; name: string };
  /** One line on what the page is for, or what state things are in. */
  intro?: ReactNode;
  /** Buttons. */
  actions?: ReactNode;
  children: ReactNode;
}

export function PageFrame({ title, within, intro, actions, children }: Props) {
  return (
    <main id="content" className={styles.page}>
      <div className={styles.head}>
        <div>
          {within !== undefined && (
            <Link href={within.href} prefetch={false} className={styles.back}>
              <BackIcon /> {within.name}
            </Link>
          )}
          <h1>{title}</h1>
          {intro !== undefined && <p>{intro}</p>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </div>
      {children}
    </main>
  );
}
