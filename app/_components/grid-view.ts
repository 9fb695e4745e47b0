// Which part of a list the window shows, and which rows of the list's grids are drawn for it.
import { rowsBetween, type Row } from './grid-rows';
import type { Section } from './result-sections';

/** Windows above and below this one in which rows are drawn. */
const AHEAD = 1;

/** The rows of a grid that are drawn: from the first to before the second, and perhaps one more. */
export interface Drawn {
  from: number;
  to: number;
  focused: number | null;
}

/** The stretch of a list that the window shows. */
interface View {
  top: number;
  bottom: number;
}

export function viewOf(list: HTMLElement): View {
  const top = -list.getBoundingClientRect().top;
  return { top, bottom: top + window.innerHeight };
}

/** Which rows of grids, each so far down its list, are to be drawn; and the first hit that is in view. */
export function lookAt(
  sections: readonly Section[],
  rows: readonly (readonly Row[])[],
  offsets: readonly number[],
  { top, bottom }: View,
): [drawn: [string, Drawn][], first: { hit: number; offset: number } | null] {
  const margin = AHEAD * (bottom - top);
  let first = null;
  const drawn = sections.map(({ key, hits }, n): [string, Drawn] => {
    const offset = offsets[n]!;
    const [from, to] = rowsBetween(rows[n]!, top - margin - offset, bottom + margin - offset);
    const [at] = rowsBetween(rows[n]!, top - offset, bottom - offset);
    const row = rows[n]![at];
    if (row !== undefined) {
      first ??= { hit: hits[row.from]!.id, offset: offset + row.top };
    }
    return [key, { from, to, focused: null }];
  });
  return [drawn, first];
}

export function focusedHit(list: HTMLElement): number {
  const focused = document.activeElement;
  const hit = list.contains(focused) ? focused!.closest<HTMLElement>('[data-hit]') : null;
  return Number(hit?.dataset.hit ?? NaN);
}

/** How far down a list its grids begin. */
export function gridOffsets(list: HTMLElement): number[] {
  const { top } = list.getBoundingClientRect();
  return [...list.querySelectorAll(':scope > section > ul')].map(
    (grid) => grid.getBoundingClientRect().top - top,
  );
}

/** What is drawn now; the same objects where it is what was drawn before. */
export function changed(
  before: ReadonlyMap<string, Drawn>,
  now: readonly [string, Drawn][],
): ReadonlyMap<string, Drawn> {
  const kept = now.map(([key, next]): [string, Drawn] => {
    const known = before.get(key);
    const same =
      known?.from === next.from && known.to === next.to && known.focused === next.focused;
    return [key, same ? known : next];
  });
  const all = kept.length === before.size && kept.every(([key, each]) => before.get(key) === each);
  return all ? before : new Map(kept);
}
