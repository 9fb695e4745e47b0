// How far something is, as a bar with a line above it.
import styles from './ProgressBar.module.css';

interface Props {
  /** What is under way. */
  label: string;
  /** At the other end of the line: "310 of 2,000, 12 s left". */
  detail?: string | undefined;
  /** Both absent, it only says that something is going on. */
  value?: number | undefined;
  max?: number | undefined;
}

export function ProgressBar({ label, detail, value, max }: Props) {
  return (
    <label className={styles.progress}>
      <span className={styles.line}>
        <span>{label}</span>
        {detail !== undefined && <span className={styles.detail}>{detail}</span>}
      </span>
      <progress value={value} max={max} />
    </label>
  );
}
