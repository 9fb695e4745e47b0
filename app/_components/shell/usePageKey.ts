// A key that means something anywhere on a page, except while somebody types.
'use client';

import { useEffect, useEffectEvent } from 'react';

/** Calls back when the key is pressed outside of fields. */
export function usePageKey(key: string, onKey: (event: KeyboardEvent) => void) {
  const press = useEffectEvent((event: KeyboardEvent) => {
    const typing = event.target instanceof Element && event.target.closest('input, textarea');
    if (event.key === key && !typing) onKey(event);
  });
  useEffect(() => {
    const hear = (event: KeyboardEvent) => press(event);
    window.addEventListener('keydown', hear);
    return () => window.removeEventListener('keydown', hear);
  }, []);
}
