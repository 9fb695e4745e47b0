// The routes of models. One is taken into use, measured or dropped by a job.

import type { Operation } from '../operation';
import { modelsAnswer, modelSearchAnswer, modelSearchQuery } from '../schemas/models';

export const modelOperations = {
  models: {
    method: 'GET',
    path: '/models',
    tag: 'Models',
    summary: 'The models of this installation, and what is embedded by each',
    answer: { type: 'application/json', schema: modelsAnswer },
  },
  searchModel: {
    method: 'GET',
    path: '/models/{fingerprint}/search',
    tag: 'Models',
    summary: 'Pictures for words, by a model that need not serve',
    query: modelSearchQuery,
    answer: { type: 'application/json', schema: modelSearchAnswer },
    problems: {
      404: 'There is no such model, or it has embedded nothing.',
      503: 'Its engine is warming up; try again after Retry-After seconds.',
    },
  },
} as const satisfies Record<string, Operation>;
