// Where the rows of a grid of pictures or of cards lie, as its style sheet lays them out: what is far from the window
// need not be drawn, and takes exactly as much room all the same.

/** Beyond these, a panorama or a scroll is cropped so that it does not take the whole page. */
const NARROWEST = 0.45;
const WIDEST = 3;
/** How far from square pictures may be to stand in columns. */
const NEARLY = 0.2;
/** A tile's shape is right to this, so that a few rules of the style sheet can say it. */
export const STEP = 0.05;
/** Pixels by which browsers round a row that just fits. */
const ROUNDING = 0.01;

/** Width over height, within bounds; pictures of unknown size are taken as square. */
export function tileRatio({ width, height }: { width: number | null; height: number | null }) {
  if (!width || !height) return 1;
  const steps = Math.round(width / height / STEP);
  return Math.min(Math.max(steps * STEP, NARROWEST), WIDEST);
}

/** Whether tiles of these shapes stand in columns. */
export function inColumns(ratios: readonly number[]): boolean {
  return ratios.every((ratio) => Math.abs(ratio - 1) < NEARLY);
}

/** What the style sheet says of a grid, in pixels. */
export interface Measures {
  width: number;
  /** How high rows are before they are stretched to the full width, and how many times as high they may become. */
  row: number;
  most: number;
  /** The least width of a column. */
  column: number;
  across: number;
  down: number;
  /** The room under a picture; all of a card's. */
  below: number;
}

/** Tiles of a grid, from `from` to before `to`, and where they lie in it. */
export interface Row {
  from: number;
  to: number;
  top: number;
  height: number;
}

export function pictureRows(ratios: readonly number[], measures: Measures): Row[] {
  const layout = inColumns(ratios) ? columns(ratios, measures) : justified(ratios, measures);
  return stacked(layout, measures);
}

/** Cards of one height in columns. */
export function cardRows(count: number, measures: Measures): Row[] {
  return stacked([columnEnds(count, columnCount(measures)), () => 0], measures);
}

type Layout = [ends: number[], heightOf: (from: number, to: number) => number];

function stacked([ends, heightOf]: Layout, { below, down }: Measures): Row[] {
  let top = 0;
  return ends.map((to, at) => {
    const from = ends[at - 1] ?? 0;
    const height = heightOf(from, to) + below;
    const row = { from, to, top, height };
    top += height + down;
    return row;
  });
}

/** Columns of one width; the tallest tile makes the row's height. */
function columns(ratios: readonly number[], measures: Measures): Layout {
  const count = columnCount(measures);
  const side = (measures.width - measures.across * (count - 1)) / count;
  return [
    columnEnds(ratios.length, count),
    (from, to) => side / Math.min(...ratios.slice(from, to)),
  ];
}

function columnCount({ width, column, across }: Measures): number {
  return Math.max(1, Math.floor((width + across + ROUNDING) / (column + across)));
}

function columnEnds(length: number, count: number): number[] {
  return Array.from({ length: Math.ceil(length / count) }, (_, at) =>
    Math.min((at + 1) * count, length),
  );
}

/** As many tiles in a row as fit at its usual height, stretched together to the full width, except in the last row. */
function justified(ratios: readonly number[], { width, row, most, across }: Measures): Layout {
  const ends: number[] = [];
  let used = -across;
  ratios.forEach((ratio, at) => {
    used += across + ratio * row;
    if (at === (ends.at(-1) ?? 0) || used <= width + ROUNDING) return;
    ends.push(at);
    used = ratio * row;
  });
  if (ratios.length > 0) ends.push(ratios.length);
  return [
    ends,
    (from, to) => {
      const shapes = ratios.slice(from, to).reduce((sum, ratio) => sum + ratio, 0);
      const full = (width - across * (to - from - 1)) / shapes;
      return Math.min(full, to === ratios.length ? row : most * row);
    },
  ];
}

/** The rows that any part of the stretch from `top` to `bottom` lies in: from the first to before the second. */
export function rowsBetween(rows: readonly Row[], top: number, bottom: number): [number, number] {
  const first = firstWhere(rows, (row) => row.top + row.height > top);
  return [
    first,
    Math.max(
      first,
      firstWhere(rows, (row) => row.top >= bottom),
    ),
  ];
}

/** The first row of which something is true that is true of all rows after it; their number, if it is of none. */
function firstWhere(rows: readonly Row[], is: (row: Row) => boolean): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(rows[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
