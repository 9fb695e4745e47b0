// Going through tiles by the arrow keys, and steering by + and −, and choosing by the space bar. Enter is the link's own.
'use client';

import { useEffect, type KeyboardEvent } from 'react';
import { flushSync } from 'react-dom';
import { tileOf, type ShownList } from './shown-list';

const TILE = '[data-tile]';

/** A handler for what holds the tiles. An arrow down from the search box leads to the first of them in the window. */
export function useTileKeys(list: ShownList): (event: KeyboardEvent<HTMLElement>) => void {
  useEffect(() => {
    const enter = (event: globalThis.KeyboardEvent) => {
      const from = event.target as HTMLElement;
      const idle = from === document.body || from.id === 'q';
      if (event.key !== 'ArrowDown' || !idle || hasModifier(event)) return;
      const tiles = [...document.querySelectorAll<HTMLElement>(TILE)];
      const first = tiles.find((tile) => tile.getBoundingClientRect().top > 0);
      if (first === undefined) return;
      event.preventDefault();
      first.focus();
    };
    window.addEventListener('keydown', enter);
    return () => window.removeEventListener('keydown', enter);
  }, []);
  return (event) => onTileKey(event, list);
}

function onTileKey(event: KeyboardEvent<HTMLElement>, list: ShownList): void {
  const tile = (event.target as HTMLElement).closest<HTMLElement>(TILE);
  if (tile === null || hasModifier(event)) return;
  const steer = { '+': 'like', '=': 'like', '-': 'unlike' }[event.key];
  if (steer !== undefined) {
    event.preventDefault();
    tile.closest('li')?.querySelector<HTMLElement>(`[data-steer=${steer}]`)?.click();
    return;
  }
  if (event.key === ' ' || event.key === 'x') {
    event.preventDefault();
    const { shiftKey } = event;
    const click = new MouseEvent('click', { bubbles: true, cancelable: true, shiftKey });
    tile.closest('li')?.querySelector('[data-choose]')?.dispatchEvent(click);
    return;
  }
  const next = neighbour(tile, event, list);
  if (next === undefined) return;
  event.preventDefault();
  flushSync(() => list.reveal(next));
  tileOf(next)?.focus({ preventScroll: true });
}

/** The item that an arrow leads to; up and down, the one whose middle is nearest in the next row. */
function neighbour(
  tile: HTMLElement,
  { key, currentTarget }: KeyboardEvent<HTMLElement>,
  { items, reveal }: ShownList,
): number | undefined {
  const item = Number(tile.dataset.tile);
  if (key === 'ArrowRight') return items[items.indexOf(item) + 1];
  if (key === 'ArrowLeft') return items[items.indexOf(item) - 1];
  if (key === 'Home') return items[0];
  if (key === 'End') return items.at(-1);
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return undefined;
  // What has the focus may be far from the window; what is about it is drawn when it is not.
  flushSync(() => reveal(item));
  const tiles = [...currentTarget.querySelectorAll<HTMLElement>(TILE)];
  const at = tiles.indexOf(tile);
  const forward = key === 'ArrowDown';
  const others = forward ? tiles.slice(at + 1) : tiles.slice(0, at).reverse();
  const own = tile.getBoundingClientRect();
  const middle = own.left + own.width / 2;
  let best: { tile: HTMLElement; distance: number; top: number } | undefined;
  for (const other of others) {
    const box = other.getBoundingClientRect();
    const otherRow = forward ? box.top >= own.bottom - 1 : box.bottom <= own.top + 1;
    if (!otherRow) continue;
    // Rows of one section are as high; the first tile of the next row ends the search in this one.
    if (best !== undefined && Math.abs(box.top - best.top) > 1) break;
    const distance = Math.abs(box.left + box.width / 2 - middle);
    if (best === undefined || distance < best.distance)
      best = { tile: other, distance, top: box.top };
  }
  return best && Number(best.tile.dataset.tile);
}

function hasModifier(event: { ctrlKey: boolean; metaKey: boolean; altKey: boolean }): boolean {
  return event.ctrlKey || event.metaKey || event.altKey;
}
