// The routes of the library: pictures and collections, uploads, failures.

import type { Operation } from '../operation';
import {
  collectionsAnswer,
  failuresAnswer,
  failuresQuery,
  forgottenAnswer,
  itemIds,
  itemsAnswer,
  itemsQuery,
  uploadAnswer,
  uploadQuery,
} from '../schemas/library';

export const libraryOperations = {
  items: {
    method: 'GET',
    path: '/items',
    tag: 'Library',
    summary: 'The pictures that satisfy a filter, a page after the other',
    query: itemsQuery,
    answer: { type: 'application/json', schema: itemsAnswer },
    problems: { 400: 'A field makes no sense.', 404: 'There is no such collection.' },
  },
  forgetItems: {
    method: 'POST',
    path: '/items/forget',
    tag: 'Library',
    summary: 'Forget pictures with all that belongs to them; their files stay on the disk',
    body: { type: 'application/json', schema: itemIds },
    answer: { type: 'application/json', schema: forgottenAnswer },
  },
  collections: {
    method: 'GET',
    path: '/collections',
    tag: 'Library',
    summary: 'Every collection with a few of its pictures',
    answer: { type: 'application/json', schema: collectionsAnswer },
  },
  forgetCollection: {
    method: 'DELETE',
    path: '/collections/{name}',
    tag: 'Library',
    summary: 'Forget a collection; its pictures stay',
    answer: { status: 204, type: null },
    problems: { 404: 'There is no such collection.' },
  },
  upload: {
    method: 'PUT',
    path: '/uploads/{name}',
    tag: 'Library',
    summary: 'Keep a picture in the data folder; the job "ingest" takes it in from there',
    query: uploadQuery,
    body: { type: 'application/octet-stream' },
    answer: { status: 201, type: 'application/json', schema: uploadAnswer },
    problems: {
      413: 'It has too many bytes, or all uploads together have.',
      422: 'It is no picture that can be read.',
      507: 'The disk is full.',
    },
  },
  failures: {
    method: 'GET',
    path: '/failures',
    tag: 'Library',
    summary: 'Files that could not be used, with the reason; to try them again, ingest their paths',
    query: failuresQuery,
    answer: { type: 'application/json', schema: failuresAnswer },
  },
} as const satisfies Record<string, Operation>;
