// The routes of what a developer embeds.

import type { Operation } from '../operation';
import { embeddingsAnswer, embedPictures, embedTexts } from '../schemas/library';
import { healthAnswer } from '../schemas/status';

const answer = { type: 'application/json', schema: embeddingsAnswer } as const;
const warming = { 503: 'The engine is warming up; try again after Retry-After seconds.' };

export const embeddingOperations = {
  embedTexts: {
    method: 'POST',
    path: '/embeddings',
    tag: 'Embeddings',
    summary: 'Vectors of texts by the model that serves',
    body: { type: 'application/json', schema: embedTexts },
    answer,
    problems: warming,
  },
  embedPictures: {
    method: 'POST',
    path: '/embeddings/pictures',
    tag: 'Embeddings',
    summary: 'Vectors of pictures by the model that serves',
    body: { type: 'multipart/form-data', schema: embedPictures },
    answer,
    problems: {
      ...warming,
      413: 'A picture has too many bytes.',
      422: 'A file is no picture that can be read.',
    },
  },
  health: {
    method: 'GET',
    path: '/health',
    tag: 'Server',
    summary: 'Whether the model and its indexes answer; needs no token',
    answer: { type: 'application/json', schema: healthAnswer },
    problems: { 503: 'They do not.' },
    unversioned: true,
  },
} as const satisfies Record<string, Operation>;
