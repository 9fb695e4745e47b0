// What the API answers and the page shows; plain data that crosses from the server to the browser.

import type { FacetsAnswer, ItemAnswer, SearchAnswer, SearchHit, StatusAnswer } from '#api';

export type ResultHit = SearchHit;
export type Results = SearchAnswer;
export type LibraryStatus = StatusAnswer;
export type FacetCounts = FacetsAnswer;
export type Detail = ItemAnswer;

/** A picture to show, whether found or taken from the collection. */
export interface Picture {
  itemId: number;
  label: string;
  width: number | null;
  height: number | null;
  thumbnail: string;
  original: string;
}

/** What to call a hit's picture: its first caption, else its file name. */
export function labelOf(hit: {
  captions: string[];
  path: string | null;
  text?: string | null;
}): string {
  return hit.captions[0] ?? hit.text ?? hit.path?.split(/[\\/]/).at(-1) ?? 'Untitled picture';
}
