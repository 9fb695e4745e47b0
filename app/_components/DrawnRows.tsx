// A grid of which the rows about the window are drawn; the others are left as room.
import type { ReactNode } from 'react';
import styles from './DrawnRows.module.css';
import type { Row } from './grid-rows';
import type { Drawn } from './grid-view';

/** Which part of a grid is drawn. */
export interface Part {
  /** Null where all of it is. */
  rows: readonly Row[] | null;
  drawn: Drawn | undefined;
}

interface Props extends Part {
  className: string | undefined;
  count: number;
  /** Draws what stands in the grid from one place to before another. */
  draw(from: number, to: number): ReactNode;
}

export function DrawnRows({ className, count, draw, rows, drawn }: Props) {
  return (
    <ul className={className}>
      {rows === null
        ? draw(0, count)
        : stretches(rows, drawn).flatMap(({ first, last, isDrawn }) =>
            isDrawn ? (
              draw(first.from, last.to)
            ) : (
              <li
                key={`from ${first.from}`}
                aria-hidden="true"
                className={styles.space}
                style={{ height: last.top + last.height - first.top }}
              />
            ),
          )}
    </ul>
  );
}

/** Rows one after the other, all of them drawn or none. */
interface Stretch {
  first: Row;
  last: Row;
  isDrawn: boolean;
}

function stretches(rows: readonly Row[], drawn: Drawn | undefined): Stretch[] {
  const { from = 0, to = 0, focused = null } = drawn ?? {};
  const all: Stretch[] = [];
  rows.forEach((row, at) => {
    const isDrawn = (at >= from && at < to) || at === focused;
    const before = all.at(-1);
    if (before?.isDrawn === isDrawn) before.last = row;
    else all.push({ first: row, last: row, isDrawn });
  });
  return all;
}
