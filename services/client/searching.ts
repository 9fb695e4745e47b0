// Searching, and the vectors that it goes by.

import { parametersOf, type Server } from './server';
import type { Answer, CallOptions, Fields } from './types';

export const searching = (server: Server) => ({
  search(query: Fields<'search'>, options?: CallOptions): Promise<Answer<'search'>> {
    return server.call('search', 'GET', '/search', { query, ...options });
  },

  /** Searches by a picture, together with words where `query` has some. */
  searchByPicture(
    picture: Blob,
    query: Fields<'search'> = {},
    options?: CallOptions,
  ): Promise<Answer<'searchByPicture'>> {
    const body = new FormData();
    body.set('image', picture);
    for (const [name, value] of parametersOf(query)) body.append(name, value);
    return server.call('searchByPicture', 'POST', '/search', { body, ...options });
  },

  facets(query: Fields<'facets'> = {}, options?: CallOptions): Promise<Answer<'facets'>> {
    return server.call('facets', 'GET', '/facets', { query, ...options });
  },

  status(options?: CallOptions): Promise<Answer<'status'>> {
    return server.call('status', 'GET', '/status', options);
  },

  embedTexts(texts: string[], options?: CallOptions): Promise<Answer<'embedTexts'>> {
    return server.call('embedTexts', 'POST', '/embeddings', { json: { texts }, ...options });
  },

  embedPictures(pictures: Blob[], options?: CallOptions): Promise<Answer<'embedPictures'>> {
    const body = new FormData();
    for (const picture of pictures) body.append('image', picture);
    return server.call('embedPictures', 'POST', '/embeddings/pictures', { body, ...options });
  },
});
