// Curves from the logs of a run: as many points as a chart can show, however many steps there were.

import type { Curves, MetricsPoint } from './types';

interface MetricsRow {
  step: number;
  loss: number;
  gradientNorm: number;
  learningRate: number;
}

/** More could not be told apart on a screen. */
const POINTS = 400;

/** Means of equal stretches of steps. */
export function thin(rows: readonly MetricsRow[]): MetricsPoint[] {
  const stretch = Math.ceil(rows.length / POINTS);
  return Array.from({ length: Math.ceil(rows.length / Math.max(1, stretch)) }, (_, n) =>
    pointOf(rows.slice(n * stretch, (n + 1) * stretch)),
  );
}

function pointOf(rows: readonly MetricsRow[]): MetricsPoint {
  const mean = (of: (row: MetricsRow) => number) =>
    rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  const losses = rows.map(({ loss }) => loss);
  return {
    step: rows.at(-1)!.step,
    loss: mean(({ loss }) => loss),
    low: Math.min(...losses),
    high: Math.max(...losses),
    learningRate: mean(({ learningRate }) => learningRate),
    gradientNorm: mean(({ gradientNorm }) => gradientNorm),
  };
}

/** What the lines of a log say; a line that is being written, or was cut short, is left out. */
export function rowsOf<T>(content: string): T[] {
  return content.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as T];
    } catch {
      return [];
    }
  });
}

export function curvesOf(metrics: string, validation: string): Curves {
  const rows = rowsOf<Curves['validation'][number]>(validation);
  return {
    metrics: thin(rowsOf<MetricsRow>(metrics)),
    validation: rows.map(({ step, meanRecall, textToImage, imageToText }) => ({
      step,
      meanRecall,
      textToImage,
      imageToText,
    })),
  };
}
