// Which pictures of a list are chosen, and what hands do to choose them.
'use client';

import {
  useCallback,
  useMemo,
  useRef,
  useState,
  type HTMLAttributes,
  type MouseEvent,
  type PointerEvent,
} from 'react';
import { usePageKey } from '../shell/usePageKey';

const TILE = '[data-tile]';
/** Milliseconds that a finger stays where it is when it chooses, and pixels that it may move. */
const LONG = 450;
const STILL = 10;

export interface Selection {
  /** Item ids, in the order of the list. */
  chosen: readonly number[];
  isChosen: ReadonlySet<number>;
  /** Item ids that are no longer part of the list. */
  gone: ReadonlySet<number>;
  /** Ticks or clears one; with `range`, the others up to the one before become as it is. */
  choose(item: number, range: boolean): void;
  clear(): void;
  /** Takes the chosen ones from the list. */
  drop(): void;
  /** What hands do on what holds the tiles. */
  hands: HTMLAttributes<HTMLDivElement>;
}

/** @param items - of the list, in its order */
export function useSelection(items: readonly number[]): Selection {
  const [isChosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [gone, setGone] = useState<ReadonlySet<number>>(new Set());
  /** Where a range begins. */
  const last = useRef<number>(null);
  const chosen = useMemo(() => items.filter((item) => isChosen.has(item)), [items, isChosen]);

  const choose = useCallback(
    (item: number, range: boolean) => {
      const ends = [items.indexOf(last.current ?? NaN), items.indexOf(item)];
      const all = range && !ends.includes(-1);
      const meant = all ? items.slice(Math.min(...ends), Math.max(...ends) + 1) : [item];
      last.current = item;
      setChosen((before) => {
        const next = new Set(before);
        for (const each of meant) {
          if (before.has(item)) next.delete(each);
          else next.add(each);
        }
        return next;
      });
    },
    [items],
  );
  const clear = () => {
    last.current = null;
    setChosen(new Set());
  };
  const drop = () => {
    setGone(new Set([...gone, ...chosen]));
    clear();
  };
  usePageKey('Escape', () => {
    if (document.querySelector('dialog[open]') === null) clear();
  });

  const chooseTile = (tile: HTMLElement, range: boolean) =>
    choose(Number(tile.dataset.tile), range);
  const press = useLongPress((tile) => chooseTile(tile, false));
  const hands = {
    ...press.hands,
    onClickCapture(event: MouseEvent) {
      const tile = (event.target as Element).closest<HTMLElement>(TILE);
      if (tile === null || event.ctrlKey || event.metaKey) return;
      const wasLong = press.ended();
      if (!wasLong && chosen.length === 0) return;
      event.preventDefault();
      event.stopPropagation();
      if (!wasLong) chooseTile(tile, event.shiftKey);
    },
    /** Arrows go on from a box that has been ticked; a finger has no place on the page. */
    onClick({ target }: MouseEvent) {
      const box = target as Element;
      if (!box.matches('[data-choose]') || box !== document.activeElement) return;
      box.closest('li')?.querySelector<HTMLElement>(TILE)?.focus({ preventScroll: true });
    },
  };
  return { chosen, isChosen, gone, choose, clear, drop, hands };
}

/** A finger that stays on a tile. */
function useLongPress(onPress: (tile: HTMLElement) => void) {
  const pressed = useRef<{ tile: HTMLElement; x: number; y: number } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const long = useRef(false);
  const release = () => {
    clearTimeout(timer.current);
    pressed.current = null;
  };
  const press = () => {
    const { tile } = pressed.current!;
    release();
    long.current = true;
    onPress(tile);
  };
  const hands = {
    onPointerDown({ pointerType, target, clientX: x, clientY: y }: PointerEvent) {
      release();
      long.current = false;
      const tile = (target as Element).closest<HTMLElement>(TILE);
      if (pointerType !== 'touch' || tile === null) return;
      pressed.current = { tile, x, y };
      timer.current = setTimeout(press, LONG);
    },
    onPointerMove({ clientX, clientY }: PointerEvent) {
      if (pressed.current === null) return;
      const { x, y } = pressed.current;
      if (Math.hypot(clientX - x, clientY - y) > STILL) release();
    },
    onPointerUp: release,
    onPointerCancel: release,
    /** The browser's own menu for a finger that stays, at whatever time it comes. */
    onContextMenu(event: MouseEvent) {
      if (pressed.current !== null) press();
      if (long.current) event.preventDefault();
    },
  };
  /** Whether the click that comes now is the end of one. */
  const ended = () => {
    const was = long.current;
    long.current = false;
    return was;
  };
  return { hands, ended };
}
