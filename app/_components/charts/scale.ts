// From values to places on a chart, and the round numbers to mark on its axes.

export interface Scale {
  from: number;
  to: number;
  /** Round numbers between `from` and `to`. */
  ticks: number[];
}

/**
 * A scale that holds all values, begins and ends at round numbers, and has about `count` marks.
 * @param bounds - values that it must reach to, whatever the data
 */
export function scaleOf(values: readonly number[], count: number, bounds: number[] = []): Scale {
  const all = [...values, ...bounds].filter(Number.isFinite);
  const low = Math.min(...all);
  const high = Math.max(...all);
  if (all.length === 0) return { from: 0, to: 1, ticks: [0, 1] };
  const step = roundStep((high - low || Math.abs(high) || 1) / count);
  const from = Math.floor(low / step + 1e-9) * step;
  const to = Math.max(Math.ceil(high / step - 1e-9) * step, from + step);
  const ticks = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) =>
    Number((from + i * step).toPrecision(12)),
  );
  return { from, to, ticks };
}

/** The next of 1, 2 and 5 times a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const times = [1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9))!;
  return times * power;
}

/** Where a value lies between `start` and `end`. */
export function along({ from, to }: Scale, value: number, start: number, end: number): number {
  return start + ((value - from) / (to - from)) * (end - start);
}
