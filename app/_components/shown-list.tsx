// The list of pictures on the page, for what lies over it: the order in which they stand, and the way to one of them.
'use client';

import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';

export interface ShownList {
  /** Item ids; those of the page that is there so far. */
  items: readonly number[];
  /** Scrolls to an item, so that it is drawn. */
  reveal(item: number): void;
}

/** Where what is listed is no pictures. */
export const NO_LIST: ShownList = { items: [], reveal: () => undefined };

const ListContext = createContext(NO_LIST);
const ShowContext = createContext<(list: ShownList) => void>(() => undefined);

export function ShownListProvider({ children }: { children: ReactNode }) {
  const [list, setList] = useState(NO_LIST);
  return (
    <ShowContext value={setList}>
      <ListContext value={list}>{children}</ListContext>
    </ShowContext>
  );
}

/** Makes a list the one that is shown, for as long as the component is on the page. */
export function useShowList(list: ShownList): void {
  const show = useContext(ShowContext);
  useEffect(() => show(list), [show, list]);
  useEffect(() => () => show(NO_LIST), [show]);
}

export function useShownList(): ShownList {
  return useContext(ListContext);
}

/** The link that an item is in the list; null where it is not drawn. */
export function tileOf(item: number): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-tile="${item}"]`);
}
