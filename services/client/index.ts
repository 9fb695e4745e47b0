// The client of the API: what runs in a browser, and what a developer takes along. Carries no schema.

import { Client, type ClientOptions } from './client';

export {
  ApiError,
  type Answer,
  type CallOptions,
  type Client,
  type ClientOptions,
  type Fields,
} from './client';

/** A client of the server at `url`; in a page of this server, of that. */
export function createClient(options?: ClientOptions): Client {
  return new Client(options);
}
