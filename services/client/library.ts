// What comes into the library, and the collections in it.

import type { Server } from './server';
import type { Answer, CallOptions, Fields } from './types';

export const library = (server: Server) => ({
  collections(options?: CallOptions): Promise<Answer<'collections'>> {
    return server.call('collections', 'GET', '/collections', options);
  },

  /** Puts pictures into a collection, which is made if there is none of that name. */
  addToCollection(
    name: string,
    ids: number[],
    options?: CallOptions,
  ): Promise<Answer<'addToCollection'>> {
    const sending = { params: { name }, json: { ids }, ...options };
    return server.call('addToCollection', 'POST', '/collections/{name}/items', sending);
  },

  /** Takes pictures out of a collection; they stay in the library. */
  takeOutOfCollection(
    name: string,
    ids: number[],
    options?: CallOptions,
  ): Promise<Answer<'takeOutOfCollection'>> {
    const sending = { params: { name }, json: { ids }, ...options };
    return server.call('takeOutOfCollection', 'POST', '/collections/{name}/items/remove', sending);
  },

  /** Forgets a collection; its pictures stay. */
  async forgetCollection(name: string, options?: CallOptions): Promise<void> {
    await server.send('forgetCollection', 'DELETE', '/collections/{name}', {
      params: { name },
      ...options,
    });
  },

  /** Keeps a picture in the server's data folder; the job "ingest" takes it in from there. */
  upload(
    name: string,
    picture: Blob,
    query: Fields<'upload'> = {},
    options?: CallOptions,
  ): Promise<Answer<'upload'>> {
    return server.call('upload', 'PUT', '/uploads/{name}', {
      params: { name },
      query,
      body: picture,
      ...options,
    });
  },

  failures(query: Fields<'failures'> = {}, options?: CallOptions): Promise<Answer<'failures'>> {
    return server.call('failures', 'GET', '/failures', { query, ...options });
  },
});
