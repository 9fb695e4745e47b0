// Going through tiles by the arrow keys, and steering by + and −, and choosing by the space bar. Enter is the link's own.
'use client';

import { useEffect, type KeyboardEvent } from 'react';

const TILE = '[data-tile]';

/** A handler for what holds the tiles. An arrow down from the search box leads to the first of them. */
export function useTileKeys(): (event: KeyboardEvent<HTMLElement>) => void {
  useEffect(() => {
    const enter = (event: globalThis.KeyboardEvent) => {
      const from = event.target as HTMLElement;
      const idle = from === document.body || from.id === 'q';
      if (event.key !== 'ArrowDown' || !idle || hasModifier(event)) return;
      const first = document.querySelector<HTMLElement>(TILE);
      if (first === null) return;
      event.preventDefault();
      first.focus();
    };
    window.addEventListener('keydown', enter);
    return () => window.removeEventListener('keydown', enter);
  }, []);
  return onTileKey;
}

function onTileKey(event: KeyboardEvent<HTMLElement>): void {
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
  const tiles = [...event.currentTarget.querySelectorAll<HTMLElement>(TILE)];
  const next = neighbour(tiles, tiles.indexOf(tile), event.key);
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
}

/** The tile that an arrow leads to; up and down, the one whose middle is nearest in the next row. */
function neighbour(tiles: HTMLElement[], at: number, key: string): HTMLElement | undefined {
  if (key === 'ArrowRight') return tiles[at + 1];
  if (key === 'ArrowLeft') return tiles[at - 1];
  if (key === 'Home') return tiles[0];
  if (key === 'End') return tiles.at(-1);
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return undefined;
  const forward = key === 'ArrowDown';
  const others = forward ? tiles.slice(at + 1) : tiles.slice(0, at).reverse();
  const own = tiles[at]!.getBoundingClientRect();
  const middle = own.left + own.width / 2;
  let best: { tile: HTMLElement; distance: number; top: number } | undefined;
  for (const tile of others) {
    const box = tile.getBoundingClientRect();
    const otherRow = forward ? box.top >= own.bottom - 1 : box.bottom <= own.top + 1;
    if (!otherRow) continue;
    // Rows of one section are as high; the first tile of the next row ends the search in this one.
    if (best !== undefined && Math.abs(box.top - best.top) > 1) break;
    const distance = Math.abs(box.left + box.width / 2 - middle);
    if (best === undefined || distance < best.distance) best = { tile, distance, top: box.top };
  }
  return best?.tile;
}

function hasModifier(event: { ctrlKey: boolean; metaKey: boolean; altKey: boolean }): boolean {
  return event.ctrlKey || event.metaKey || event.altKey;
}
