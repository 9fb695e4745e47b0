// What the API answers and the page shows; plain data that crosses from the server to the browser.

export interface ResultHit {
  id: number;
  kind: 'image' | 'text';
  score: number;
  path: string | null;
  text: string | null;
  captions: string[];
  width: number | null;
  height: number | null;
  itemId: number;
  /** Addresses of the picture, small and as it is. */
  thumbnail: string;
  original: string;
}

export interface Results {
  model: string;
  took: { encodeMs: number; searchMs: number };
  hits: ResultHit[];
  /** Where the next page of hits begins; null after the last. */
  next: number | null;
}

/** A picture to show, whether found or taken from the collection. */
export interface Picture {
  itemId: number;
  label: string;
  width: number | null;
  height: number | null;
  thumbnail: string;
  original: string;
}

export interface LibraryStatus {
  state: 'starting' | 'ready' | 'failed';
  model: string | null;
  items: number;
  captions: number;
  indexed: { image: number; text: number };
  /** A model that is to serve, and how many pictures and captions are embedded by it. */
  preparing: { model: string; done: number; total: number } | null;
  error: string | null;
}

/** What to call a hit's picture: its first caption, else its file name. */
export function labelOf(hit: {
  captions: string[];
  path: string | null;
  text?: string | null;
}): string {
  return hit.captions[0] ?? hit.text ?? hit.path?.split(/[\\/]/).at(-1) ?? 'Untitled picture';
}
