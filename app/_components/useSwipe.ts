// A finger that goes sideways over an element, as over a picture to see the next one.
'use client';

import { useRef, type TouchEvent } from 'react';

/** Pixels that a finger has to go, and how many times as far sideways as up or down. */
const FAR = 48;
const SIDEWAYS = 2;

/** A handler for the element. Two fingers pinch, and one that moves a page pinched larger does only that. */
export function useSwipe(onSwipe: (way: 'left' | 'right') => void) {
  const start = useRef<{ x: number; y: number } | null>(null);
  return {
    onTouchStart({ nativeEvent: { touches, target } }: TouchEvent) {
      const alone = touches.length === 1 && (window.visualViewport?.scale ?? 1) <= 1;
      const from = alone ? placeOf(touches[0]!) : null;
      start.current = from;
      const end = (event: Event) => {
        const [to] = (event as globalThis.TouchEvent).changedTouches;
        if (from === null || to === undefined || start.current !== from) return;
        const across = placeOf(to).x - from.x;
        const down = placeOf(to).y - from.y;
        if (Math.abs(across) < Math.max(FAR, SIDEWAYS * Math.abs(down))) return;
        onSwipe(across < 0 ? 'left' : 'right');
      };
      // What was touched hears the end, although another picture may have taken its place meanwhile.
      target?.addEventListener('touchend', end, { once: true });
    },
  };
}

function placeOf({ clientX: x, clientY: y }: Touch) {
  return { x, y };
}
