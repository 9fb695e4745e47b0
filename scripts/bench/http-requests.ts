// What is asked of a server that is measured.

import type { Asker, Request } from './http-load';

const subjects = ['dog', 'boat', 'red apple', 'guitar', 'old house', 'mountain', 'child', 'night'];

/** Words that nobody has asked for. */
export const words = (n: number) => `${subjects[n % subjects.length]} number ${n}`;

export const get = (address: string): Request => ({ method: 'GET', path: address });

const search = (text: string) => get(`/api/v1/search?limit=20&q=${encodeURIComponent(text)}`);

/** Next answers OPTIONS itself: through all of its routing, to a handler that does nothing. */
export const floor: Asker = () => ({ method: 'OPTIONS', path: '/api/v1/search' });
export const known: Asker = (n) => search(subjects[n % subjects.length]!);
export const unknown: Asker = (n) => search(words(n));
/** Words that stand in a caption of every second picture, and in some of them with a number. */
export const common: Asker = (n) => {
  // More and more spaces, so that no answer is known.
  const spaces = ' '.repeat(1 + (Math.floor(n / 1_000) % 100));
  return search(`picture${spaces}${n % 1_000}`);
};
export const encoding: Asker = (n) => ({
  method: 'POST',
  path: '/api/v1/embeddings',
  type: 'application/json',
  body: Buffer.from(JSON.stringify({ texts: [words(n)] })),
});
