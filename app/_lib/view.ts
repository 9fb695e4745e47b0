// What one address of the page shows: the server chooses it (_server/view.ts), the components draw it.
import type { Picture, Results } from './results';

export type View =
  /** Nothing asked yet: pictures of the collection to begin from. */
  | { state: 'welcome'; pictures: Picture[]; examples: string[] }
  /** Nothing ingested yet. */
  | { state: 'empty' }
  | { state: 'results'; results: Results; offset: number }
  /** The query is a picture that only the browser has; the browser asks for the results. */
  | { state: 'picture' }
  /** The engine is still loading its model and indexes, or could not and is being started again. */
  | { state: 'warming'; failure: string | null }
  | { state: 'problem'; message: string };
