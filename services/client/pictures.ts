// Pictures, one or many: what is known of them, their files, forgetting them.

import type { Server } from './server';
import type { Answer, CallOptions, Fields } from './types';

export const pictures = (server: Server) => ({
  item(id: number, options?: CallOptions): Promise<Answer<'item'>> {
    return server.call('item', 'GET', '/items/{id}', { params: { id }, ...options });
  },

  /** A picture, small, as WebP. A page shows the address in a hit; this is for who sends a token. */
  thumbnail(id: number, query: Fields<'thumbnail'> = {}, options?: CallOptions): Promise<Blob> {
    return server.file('thumbnail', '/items/{id}/thumbnail', { params: { id }, query, ...options });
  },

  /** A picture's own file, as it is on the disk. */
  original(id: number, options?: CallOptions): Promise<Blob> {
    return server.file('original', '/items/{id}/original', { params: { id }, ...options });
  },

  /** The files of some pictures, at most 500, in one ZIP. */
  archive(ids: readonly number[], options?: CallOptions): Promise<Blob> {
    return server.file('archive', '/items/archive', { query: { ids: ids.join(',') }, ...options });
  },

  /** Where in a picture the match with a term lies: a WebP to lay over it. */
  why(id: number, query: Fields<'why'>, options?: CallOptions): Promise<Blob> {
    return server.file('why', '/items/{id}/why', { params: { id }, query, ...options });
  },

  /** Forgets a picture; its files stay on the disk. */
  async forgetItem(id: number, options?: CallOptions): Promise<void> {
    await server.send('forgetItem', 'DELETE', '/items/{id}', { params: { id }, ...options });
  },

  /** The pictures that satisfy a filter, a page after the other (`after`: `next` of the page before). */
  items(query: Fields<'items'> = {}, options?: CallOptions): Promise<Answer<'items'>> {
    return server.call('items', 'GET', '/items', { query, ...options });
  },

  /** Forgets pictures; their files stay on the disk. */
  forgetItems(ids: number[], options?: CallOptions): Promise<Answer<'forgetItems'>> {
    return server.call('forgetItems', 'POST', '/items/forget', { json: { ids }, ...options });
  },

  map(options?: CallOptions): Promise<Answer<'map'>> {
    return server.call('map', 'GET', '/map', options);
  },

  mapPictures(ids: readonly number[], options?: CallOptions): Promise<Answer<'mapPictures'>> {
    return server.call('mapPictures', 'GET', '/map/pictures', {
      query: { ids: ids.join(',') },
      ...options,
    });
  },
});
