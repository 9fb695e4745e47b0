// Pictures that arrive at the page from outside: dropped on the window or pasted.
'use client';

import { useEffect, useEffectEvent } from 'react';
import { useDrop } from './useDrop';

/** Calls `onPicture` for each file dropped or pasted; true while one is dragged over the window. */
export function useIntake(onPicture: (file: File) => void): boolean {
  const take = useEffectEvent(onPicture);
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const file = event.clipboardData?.files[0];
      if (file === undefined) return;
      event.preventDefault();
      take(file);
    };
    window.addEventListener('paste', paste);
    return () => window.removeEventListener('paste', paste);
  }, []);
  return useDrop(({ files }) => {
    const [file] = files;
    if (file !== undefined) onPicture(file);
  });
}
