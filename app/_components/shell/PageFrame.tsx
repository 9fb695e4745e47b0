// The frame of every page but the search: a heading with a line under it, actions beside, the content below.
import type { ReactNode } from 'react';
import styles from './PageFrame.module.css';

interface Props {
  title: string;
  /** One line on what the page is for, or what state things are in. */
  intro?: ReactNode;
  /** Buttons. */
  actions?: ReactNode;
  children: ReactNode;
}

export function PageFrame({ title, intro, actions, children }: Props) {
  return (
    <main id="content" className={styles.page}>
      <div className={styles.head}>
        <div>
          <h1>{title}</h1>
          {intro !== undefined && <p>{intro}</p>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </div>
      {children}
    </main>
  );
}
