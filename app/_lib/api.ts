// The browser's calls to this app's own API; every failure is an Error with the server's one line.
import { queryParameters, type Query } from './query';
import type { LibraryStatus, Results } from './results';

export const PAGE_SIZE = 60;
export const MAX_UPLOAD_MEGABYTES = 20;

/** One page of hits for a query whose address says it all. */
export async function fetchResults(query: Query, offset: number): Promise<Results> {
  const parameters = queryParameters(query);
  parameters.set('offset', String(offset));
  return answer(await fetch(`/api/search?${parameters}`));
}

/** One page of hits for a picture, alone or together with words. */
export async function postPicture(
  picture: File,
  query: Query,
  offset: number,
  signal?: AbortSignal,
): Promise<Results> {
  const form = new FormData();
  form.set('image', picture);
  for (const [name, value] of queryParameters(query)) {
    if (name !== 'picture') form.append(name, value);
  }
  form.set('offset', String(offset));
  return answer(
    await fetch('/api/search', { method: 'POST', body: form, ...(signal && { signal }) }),
  );
}

export async function fetchStatus(): Promise<LibraryStatus> {
  return answer(await fetch('/api/status'));
}

async function answer<T>(response: Response): Promise<T> {
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && body !== null) return body as T;
  const problem = body as { detail?: string } | null;
  throw new Error(problem?.detail ?? `The server answered ${response.status}.`);
}
