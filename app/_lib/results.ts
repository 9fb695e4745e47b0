// What the API answers and the page shows; plain data that crosses from the server to the browser.

import type {
  FacetsAnswer,
  ItemAnswer,
  PictureAnswer,
  SearchAnswer,
  SearchHit,
  StatusAnswer,
} from '#api';

export type ResultHit = SearchHit;
export type Results = SearchAnswer;
export type LibraryStatus = StatusAnswer;
export type FacetCounts = FacetsAnswer;
export type Detail = ItemAnswer;

/** A picture to show, whether found or taken from the collection. */
export type Picture = PictureAnswer;

/** What the page shows of a hit, be it found or one of a list. */
export type ListedHit = Pick<
  ResultHit,
  | 'id'
  | 'itemId'
  | 'text'
  | 'captions'
  | 'path'
  | 'matched'
  | 'related'
  | 'takenAt'
  | 'width'
  | 'height'
  | 'thumbnail'
>;

/** A picture of a list as a hit: nothing was asked, so all of them are related. */
export function listed({ label, ...picture }: Picture): ListedHit {
  const { itemId, takenAt, width, height, thumbnail } = picture;
  const unfound = { text: null, path: null, matched: [], related: true };
  return { id: itemId, itemId, captions: [label], takenAt, width, height, thumbnail, ...unfound };
}

/** What to call a hit's picture: its first caption, else its file name. */
export function labelOf(hit: {
  captions: string[];
  path: string | null;
  text?: string | null;
}): string {
  return hit.captions[0] ?? hit.text ?? hit.path?.split(/[\\/]/).at(-1) ?? 'Untitled picture';
}
