// The routes of what is in a collection.

import type { Operation } from '../operation';
import { itemIds, membersAnswer } from '../schemas/library';

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
} as const satisfies Record<string, Operation>;
