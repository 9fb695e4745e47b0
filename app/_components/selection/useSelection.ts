// Which pictures of a list are chosen. The check boxes of the tiles hold it: a list of thousands is not drawn anew for one.
'use client';

import {
  useRef,
  useState,
  type HTMLAttributes,
  type MouseEvent,
  type PointerEvent,
  type RefObject,
} from 'react';
import { usePageKey } from '../shell/usePageKey';

const BOX = 'input[data-choose]';
const TILE = '[data-tile]';
/** Milliseconds that a finger stays where it is when it chooses, and pixels that it may move. */
const LONG = 450;
const STILL = 10;

export interface Selection {
  /** Item ids, in the order of the list. */
  chosen: readonly number[];
  /** Item ids that are no longer part of the list. */
  gone: ReadonlySet<number>;
  clear(): void;
  /** Takes the chosen ones from the list. */
  drop(): void;
  /** What hands do on what holds the tiles. */
  hands: HTMLAttributes<HTMLDivElement>;
}

/** @param list - what holds the tiles */
export function useSelection(list: RefObject<HTMLElement | null>): Selection {
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const [gone, setGone] = useState<ReadonlySet<number>>(new Set());
  /** Where a range begins. */
  const last = useRef<HTMLInputElement>(null);

  const boxes = () => [...list.current!.querySelectorAll<HTMLInputElement>(BOX)];
  /** A box has been ticked or cleared; up to the one before, if it ends a range, the others become as it is. */
  const follow = (box: HTMLInputElement, range: boolean) => {
    const all = boxes();
    const ends = last.current === null ? [] : [all.indexOf(last.current), all.indexOf(box)];
    if (range && !ends.includes(-1)) {
      for (const each of all.slice(Math.min(...ends), Math.max(...ends) + 1)) {
        each.checked = box.checked;
      }
    }
    last.current = box;
    setChosen(all.filter(({ checked }) => checked).map(({ value }) => Number(value)));
    // Arrows go on from here; a finger has no place on the page.
    if (document.activeElement !== box) return;
    box.closest('li')?.querySelector<HTMLElement>(TILE)?.focus({ preventScroll: true });
  };
  const toggle = (tile: Element, range: boolean) => {
    const box = tile.closest('li')!.querySelector<HTMLInputElement>(BOX)!;
    box.checked = !box.checked;
    follow(box, range);
  };
  const clear = () => {
    for (const box of boxes()) box.checked = false;
    last.current = null;
    setChosen([]);
  };
  const drop = () => {
    setGone(new Set([...gone, ...chosen]));
    clear();
  };
  usePageKey('Escape', () => {
    if (document.querySelector('dialog[open]') === null) clear();
  });

  const press = useLongPress((tile) => toggle(tile, false));
  const hands = {
    ...press.hands,
    onClickCapture(event: MouseEvent) {
      const tile = (event.target as Element).closest(TILE);
      if (tile === null || event.ctrlKey || event.metaKey) return;
      const wasLong = press.ended();
      if (!wasLong && chosen.length === 0) return;
      event.preventDefault();
      event.stopPropagation();
      if (!wasLong) toggle(tile, event.shiftKey);
    },
    onClick({ target, shiftKey }: MouseEvent) {
      const box = target as Element;
      if (box.matches(BOX)) follow(box as HTMLInputElement, shiftKey);
    },
  };
  return { chosen, gone, clear, drop, hands };
}

/** A finger that stays on a tile. */
function useLongPress(onPress: (tile: Element) => void) {
  const pressed = useRef<{ tile: Element; x: number; y: number } | null>(null);
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
      const tile = (target as Element).closest(TILE);
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
