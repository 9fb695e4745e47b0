// Heat maps as data.

/** What each place of a picture, [rows, columns], adds to its similarity with a query. */
export interface HeatMap {
  rows: number;
  columns: number;
  /** 0 to 1: the most that a place of this picture adds. */
  values: Float32Array;
}

/** The value at a point of the picture, 0 to 1 each way, between the middles of four cells. */
export function valueAt({ rows, columns, values }: HeatMap, x: number, y: number): number {
  const [column, right] = between(x, columns);
  const [row, down] = between(y, rows);
  const at = (dy: number, dx: number) =>
    values[Math.min(row + dy, rows - 1) * columns + Math.min(column + dx, columns - 1)]!;
  const upper = at(0, 0) * (1 - right) + at(0, 1) * right;
  const lower = at(1, 0) * (1 - right) + at(1, 1) * right;
  return upper * (1 - down) + lower * down;
}

/** The cell whose middle is before a point, and how far on the way to the next middle it is. */
function between(point: number, cells: number): [cell: number, way: number] {
  const place = Math.min(Math.max(point * cells - 0.5, 0), cells - 1);
  return [Math.floor(place), place - Math.floor(place)];
}
