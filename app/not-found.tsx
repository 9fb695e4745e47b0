// The page for addresses that do not exist.
import Link from 'next/link';
import styles from './_components/states.module.css';

export default function NotFound() {
  return (
    <main className={styles.notice}>
      <h1>Nothing is here</h1>
      <p>
        <Link href="/">Go to the search</Link>
      </p>
    </main>
  );
}
