// Work that takes long, as it goes.

import type { JobStart } from '#api';
import { events } from './events';
import type { Server } from './server';
import type { Answer, CallOptions, Fields } from './types';

export const jobs = (server: Server) => ({
  jobs(query: Fields<'jobs'> = {}, options?: CallOptions): Promise<Answer<'jobs'>> {
    return server.call('jobs', 'GET', '/jobs', { query, ...options });
  },

  startJob(json: JobStart, options?: CallOptions): Promise<Answer<'startJob'>> {
    return server.call('startJob', 'POST', '/jobs', { json, ...options });
  },

  job(id: string, options?: CallOptions): Promise<Answer<'job'>> {
    return server.call('job', 'GET', '/jobs/{id}', { params: { id }, ...options });
  },

  stopJob(id: string, options?: CallOptions): Promise<Answer<'stopJob'>> {
    return server.call('stopJob', 'POST', '/jobs/{id}/stop', { params: { id }, ...options });
  },

  async forgetJob(id: string, options?: CallOptions): Promise<void> {
    await server.send('forgetJob', 'DELETE', '/jobs/{id}', { params: { id }, ...options });
  },

  /** A job each time that it has changed, until it has ended; a connection that breaks is made again. */
  followJob(id: string, { signal }: CallOptions = {}): AsyncGenerator<Answer<'followJob'>, void> {
    const open = () =>
      server.send('followJob', 'GET', '/jobs/{id}/events', {
        params: { id },
        ...(signal && { signal }),
      });
    return events(open, (job) => job.endedAt !== null, signal);
  },
});
