// A finger that goes sideways over an element, as over a picture to see the next one.
'use client';

import { useRef, type TouchEvent } from 'react';

/** Pixels that a finger has to go, and how many times as far sideways as up or down. */
const FAR = 48;
const SIDEWAYS = 2;

/** Handlers for the element. Two fingers pinch, and one that moves a page pinched larger does only that. */
export function useSwipe(onSwipe: (way: 'left' | 'right') => void) {
  const start = useRef<{ x: number; y: number } | null>(null);
  return {
    onTouchStart({ touches }: TouchEvent) {
      const alone = touches.length === 1 && (window.visualViewport?.scale ?? 1) <= 1;
      start.current = alone ? placeOf(touches) : null;
    },
    onTouchEnd({ changedTouches }: TouchEvent) {
      if (start.current === null) return;
      const end = placeOf(changedTouches);
      const across = end.x - start.current.x;
      const down = end.y - start.current.y;
      start.current = null;
      if (Math.abs(across) < Math.max(FAR, SIDEWAYS * Math.abs(down))) return;
      onSwipe(across < 0 ? 'left' : 'right');
    },
  };
}

function placeOf(touches: TouchEvent['touches']) {
  const { clientX: x, clientY: y } = touches[0]!;
  return { x, y };
}
