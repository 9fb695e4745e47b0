// What one address of the page shows: the server chooses it (_server/view.ts), the components draw it.
import type { Picture, Results } from './results';

export interface Browsed {
  pictures: Picture[];
  /** Where the next page begins; null after the last. */
  next: string | null;
  /** On all pages. */
  total: number;
}

export type View =
  /** Nothing asked yet: pictures of the collection to begin from. */
  | { state: 'welcome'; pictures: Picture[]; examples: string[] }
  /** Nothing ingested yet. */
  | { state: 'empty' }
  | { state: 'results'; results: Results; offset: number }
  /** Nothing asked, but a part of the library or an order: its pictures by date. */
  | ({ state: 'browse' } & Browsed)
  /** The query is a picture that only the browser has; the browser asks for the results. */
  | { state: 'picture' }
  /** The engine is still loading its model and indexes, or could not and is being started again. */
  | { state: 'warming'; failure: string | null }
  | { state: 'problem'; message: string };
