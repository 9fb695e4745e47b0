// The routes of long jobs.

import type { Operation } from '../operation';
import { job, jobDetail, jobsAnswer, jobsQuery, jobStart } from '../schemas/jobs';

const unknown = { 404: 'There is no such job.' };

export const jobOperations = {
  jobs: {
    method: 'GET',
    path: '/jobs',
    tag: 'Jobs',
    summary: 'Jobs that run and that have ended, the newest first',
    query: jobsQuery,
    answer: { type: 'application/json', schema: jobsAnswer },
  },
  startJob: {
    method: 'POST',
    path: '/jobs',
    tag: 'Jobs',
    summary: 'Start a job: take in pictures, train a model, let it serve, …',
    body: { type: 'application/json', schema: jobStart },
    answer: { status: 202, type: 'application/json', schema: job },
    problems: {
      400: 'The parameters make no sense; the detail names the field.',
      409: 'As many jobs of that kind run as may at once.',
    },
  },
  job: {
    method: 'GET',
    path: '/jobs/{id}',
    tag: 'Jobs',
    summary: 'One job, with what it said and reported',
    answer: { type: 'application/json', schema: jobDetail },
    problems: unknown,
  },
  followJob: {
    method: 'GET',
    path: '/jobs/{id}/events',
    tag: 'Jobs',
    summary: 'A job each time that it has changed, until it has ended: server-sent events',
    answer: { type: 'text/event-stream', schema: jobDetail },
    problems: unknown,
  },
  stopJob: {
    method: 'POST',
    path: '/jobs/{id}/stop',
    tag: 'Jobs',
    summary: 'Ask a job to save what it has and end',
    answer: { status: 202, type: 'application/json', schema: job },
    problems: unknown,
  },
  forgetJob: {
    method: 'DELETE',
    path: '/jobs/{id}',
    tag: 'Jobs',
    summary: 'Forget a job that has ended',
    answer: { status: 204, type: null },
    problems: { ...unknown, 409: 'It has not ended.' },
  },
} as const satisfies Record<string, Operation>;
