// The routes of training. Runs are started, stopped and resumed as jobs.

import type { Operation } from '../operation';
import { runDetail, runsAnswer } from '../schemas/training';

export const trainingOperations = {
  runs: {
    method: 'GET',
    path: '/runs',
    tag: 'Training',
    summary: 'Runs of training, the newest first',
    answer: { type: 'application/json', schema: runsAnswer },
  },
  run: {
    method: 'GET',
    path: '/runs/{run}',
    tag: 'Training',
    summary: 'One run, with its curves, its data and what came out',
    answer: { type: 'application/json', schema: runDetail },
    problems: { 404: 'There is no such run.' },
  },
} as const satisfies Record<string, Operation>;
