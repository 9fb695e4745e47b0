// The values of a chart as a table, for those who do not see the curves, or want the numbers.
'use client';

import { useMessages } from '../shell/language';
import type { Series } from './LineChart';
import styles from './LineChart.module.css';
import { messages } from './messages';

interface Props {
  title: string;
  series: Series[];
  across: string;
  format: (value: number) => string;
}

/** More rows would be a file, not a table. */
const ROWS = 50;

export function ChartTable({ title, series, across, format }: Props) {
  const text = useMessages(messages);
  const xs = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))];
  xs.sort((a, b) => a - b);
  const every = Math.ceil(xs.length / ROWS);
  const shown = xs.filter((_, n) => n % every === 0 || n === xs.length - 1);
  if (shown.length === 0) return null;
  return (
    <details className={styles.values}>
      <summary>{text.values}</summary>
      <div>
        <table className="table">
          <caption className="visuallyHidden">{title}</caption>
          <thead>
            <tr>
              <th scope="col">{across}</th>
              {series.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((x) => (
              <tr key={x}>
                <th scope="row">{x}</th>
                {series.map(({ name, points }) => {
                  const found = points.find((point) => point.x === x);
                  return <td key={name}>{found === undefined ? '' : format(found.y)}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
