// What the style sheet of the grids says of a list, for its rows to be laid out as it lays them out.
import type { Measures } from './grid-rows';

/** Null where no grid is drawn, or where the browser cannot say. */
export function measure(list: HTMLElement): Measures | null {
  const grid = list.querySelector(':scope > section > ul');
  if (grid === null) return null;
  const style = getComputedStyle(grid);
  const number = (name: string) => parseFloat(style.getPropertyValue(name));
  const measures = {
    width: grid.getBoundingClientRect().width,
    row: number('--row'),
    most: number('--most'),
    column: number('--column'),
    across: number('column-gap'),
    down: number('row-gap'),
    below: number('--below'),
  };
  return Object.values(measures).some(Number.isNaN) ? null : measures;
}
