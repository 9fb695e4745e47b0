// Curves over steps, drawn here: values under the pointer or the arrow keys, and the same as a table.
'use client';

import { useId, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { useMessages } from '../shell/language';
import { ChartTable } from './ChartTable';
import styles from './LineChart.module.css';
import { messages } from './messages';
import { along, scaleOf, type Scale } from './scale';

export interface Series {
  name: string;
  points: { x: number; y: number; low?: number; high?: number }[];
}

interface Props {
  title: string;
  series: Series[];
  /** What the values across are: "step". */
  across: string;
  format: (value: number) => string;
  /** Values that the upright axis must reach to. */
  bounds?: number[];
  /** The end of the axis across, where it is known before the curve has come there. */
  until?: number | null;
  /** A value to compare with, as a dashed line. */
  level?: { name: string; value: number } | null;
}

const WIDTH = 640;
const HEIGHT = 260;
const LEFT = 52;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 30;

export function LineChart(props: Props) {
  const { title, series, across, format, level, bounds = [], until } = props;
  const text = useMessages(messages);
  const heading = useId();
  const [at, setAt] = useState<number | null>(null);
  const points = series.flatMap((one) => one.points);
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const { from, ticks } = scaleOf(xs, 5, [0]);
  // There is no half a step.
  const whole = ticks.filter(Number.isInteger);
  const x = { from, ticks: whole, to: Math.max(until ?? 0, xs.at(-1) ?? 1) };
  const values = points.flatMap(({ y, low = y, high = y }) => [low, high]);
  const y = scaleOf(values, 4, level ? [...bounds, level.value] : bounds);

  const follow = ({ currentTarget, clientX }: PointerEvent<SVGSVGElement>) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    const place = ((clientX - left) / width) * WIDTH;
    const value = x.from + ((place - LEFT) / (WIDTH - LEFT - RIGHT)) * (x.to - x.from);
    setAt(nearest(xs, value));
  };
  const step = (event: KeyboardEvent) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (move === undefined || xs.length === 0) return;
    event.preventDefault();
    const index = at === null ? (move < 0 ? xs.length : -1) : xs.indexOf(at);
    setAt(xs[Math.min(xs.length - 1, Math.max(0, index + move))]!);
  };

  return (
    <figure className={styles.chart}>
      <figcaption>
        <h3 id={heading}>{title}</h3>
        <Legend series={series} at={at} across={across} format={format} level={level} />
      </figcaption>
      {xs.length === 0 ? (
        <p className={styles.none}>{text.nothingYet}</p>
      ) : (
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          role="img"
          aria-labelledby={heading}
          aria-roledescription={text.chart}
          tabIndex={0}
          onPointerMove={follow}
          onPointerLeave={() => setAt(null)}
          onKeyDown={step}
          onBlur={() => setAt(null)}
        >
          <Axes x={x} y={y} format={format} />
          {level && <path className={styles.level} d={levelPath(y, level.value)} />}
          {series.map((one, n) => (
            <Curve key={one.name} series={one} tone={n} x={x} y={y} at={at} />
          ))}
          {at !== null && (
            <line
              className={styles.cursor}
              x1={placeX(x, at)}
              x2={placeX(x, at)}
              y1={TOP}
              y2={HEIGHT - BOTTOM}
            />
          )}
        </svg>
      )}
      <ChartTable title={title} series={series} across={across} format={format} />
    </figure>
  );
}

/** The names of the curves, and their values at the cursor, else at their ends. */
function Legend({
  series,
  at,
  across,
  format,
  level,
}: Omit<Props, 'title'> & { at: number | null }) {
  return (
    <div className={styles.legend} aria-live="polite">
      {at !== null && (
        <span className={styles.where}>
          {across} {at}
        </span>
      )}
      {series.map(({ name, points }, n) => {
        const shown = at === null ? points.at(-1) : points.findLast((point) => point.x <= at);
        return (
          <span key={name} className={styles.key} data-tone={n % TONES}>
            {name}
            {shown !== undefined && <b>{format(shown.y)}</b>}
          </span>
        );
      })}
      {level && (
        <span className={styles.key} data-tone="level">
          {level.name}
          <b>{format(level.value)}</b>
        </span>
      )}
    </div>
  );
}

/** Colours, each with a dash of its own: they are told apart without colour too. */
const TONES = 5;

function Curve({
  series: { points },
  tone,
  x,
  y,
  at,
}: {
  series: Series;
  tone: number;
  x: Scale;
  y: Scale;
  at: number | null;
}) {
  const place = (point: { x: number; y: number }) =>
    `${placeX(x, point.x).toFixed(1)} ${placeY(y, point.y).toFixed(1)}`;
  const banded = points.filter(({ low, high }) => low !== undefined && high !== undefined);
  const upper = banded.map((point) => place({ x: point.x, y: point.high! }));
  const lower = banded.map((point) => place({ x: point.x, y: point.low! })).reverse();
  const marked = at === null ? points.at(-1) : points.findLast((point) => point.x <= at);
  return (
    <g data-tone={tone % TONES} className={styles.series}>
      {banded.length > 1 && (
        <path className={styles.band} d={`M${[...upper, ...lower].join('L')}Z`} />
      )}
      <path className={styles.line} d={`M${points.map(place).join('L')}`} />
      {points.length <= 40 &&
        points.map((point) => (
          <circle key={point.x} cx={placeX(x, point.x)} cy={placeY(y, point.y)} r={2.5} />
        ))}
      {marked !== undefined && (
        <circle className={styles.mark} cx={placeX(x, marked.x)} cy={placeY(y, marked.y)} r={4.5} />
      )}
    </g>
  );
}

function Axes({ x, y, format }: { x: Scale; y: Scale; format: (value: number) => string }) {
  return (
    <g className={styles.axes} aria-hidden="true">
      {y.ticks.map((tick) => (
        <g key={tick}>
          <line x1={LEFT} x2={WIDTH - RIGHT} y1={placeY(y, tick)} y2={placeY(y, tick)} />
          <text x={LEFT - 8} y={placeY(y, tick)} textAnchor="end" dominantBaseline="middle">
            {format(tick)}
          </text>
        </g>
      ))}
      {x.ticks
        .filter((tick) => tick <= x.to)
        .map((tick) => (
          <text key={tick} x={placeX(x, tick)} y={HEIGHT - 10} textAnchor="middle">
            {tick}
          </text>
        ))}
    </g>
  );
}

function placeX(x: Scale, value: number): number {
  return along(x, value, LEFT, WIDTH - RIGHT);
}

function placeY(y: Scale, value: number): number {
  return along(y, value, HEIGHT - BOTTOM, TOP);
}

function levelPath(y: Scale, value: number): string {
  return `M${LEFT} ${placeY(y, value)}H${WIDTH - RIGHT}`;
}

function nearest(values: readonly number[], wanted: number): number | null {
  return values.reduce<number | null>(
    (best, value) =>
      best === null || Math.abs(value - wanted) < Math.abs(best - wanted) ? value : best,
    null,
  );
}
