// The client of the API, one method a route: what runs in a browser, and what a developer takes along. Carries no
// schema.

import { jobs } from './jobs';
import { library } from './library';
import { models } from './models';
import { pictures } from './pictures';
import { searching } from './searching';
import { Server } from './server';
import type { ClientOptions } from './types';

export { ApiError, type Answer, type CallOptions, type ClientOptions, type Fields } from './types';

export type Client = ReturnType<typeof createClient>;

/** A client of the server at `url`; in a page of this server, of that. */
export function createClient(options: ClientOptions = {}) {
  const server = new Server(options);
  return {
    ...searching(server),
    ...pictures(server),
    ...library(server),
    ...jobs(server),
    ...models(server),
  };
}
