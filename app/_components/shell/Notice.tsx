// What stands in the place of content when there is none: why, and what to do about it.
import type { ReactNode } from 'react';
import { Logo } from '../icons';
import styles from './Notice.module.css';

export function Notice({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <section className={styles.notice} role="status">
      <Logo />
      <h2>{title}</h2>
      {children}
    </section>
  );
}
