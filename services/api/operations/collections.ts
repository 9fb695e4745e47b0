// The routes of several pictures at once: into a collection, out of it, onto one's own disk.

import type { Operation } from '../operation';
import { archiveQuery, itemIds, membersAnswer } from '../schemas/library';

export const collectionOperations = {
  addToCollection: {
    method: 'POST',
    path: '/collections/{name}/items',
    tag: 'Library',
    summary: 'Put pictures into a collection, which is made if there is none of that name',
    body: { type: 'application/json', schema: itemIds },
    answer: { type: 'application/json', schema: membersAnswer },
  },
  takeOutOfCollection: {
    method: 'POST',
    path: '/collections/{name}/items/remove',
    tag: 'Library',
    summary: 'Take pictures out of a collection; they stay in the library',
    body: { type: 'application/json', schema: itemIds },
    answer: { type: 'application/json', schema: membersAnswer },
    problems: { 404: 'There is no such collection.' },
  },
  archive: {
    method: 'GET',
    path: '/items/archive',
    tag: 'Library',
    summary: 'The files of some pictures, in one ZIP; those that are gone are left out',
    query: archiveQuery,
    answer: { type: 'application/zip' },
    problems: { 404: 'None of them has a file.' },
  },
} as const satisfies Record<string, Operation>;
