// Models, and the runs of training that make them.

import type { Server } from './server';
import type { Answer, CallOptions, Fields } from './types';

export const models = (server: Server) => ({
  runs(options?: CallOptions): Promise<Answer<'runs'>> {
    return server.call('runs', 'GET', '/runs', options);
  },

  run(run: string, options?: CallOptions): Promise<Answer<'run'>> {
    return server.call('run', 'GET', '/runs/{run}', { params: { run }, ...options });
  },

  models(options?: CallOptions): Promise<Answer<'models'>> {
    return server.call('models', 'GET', '/models', options);
  },

  /** Pictures for words, by a model that need not serve. ApiError 503 while its engine starts. */
  searchModel(
    fingerprint: string,
    query: Fields<'searchModel'>,
    options?: CallOptions,
  ): Promise<Answer<'searchModel'>> {
    const sending = { params: { fingerprint }, query, ...options };
    return server.call('searchModel', 'GET', '/models/{fingerprint}/search', sending);
  },
});
