// The routes of the map. It is made, and brought up to date, by a job.

import type { Operation } from '../operation';
import { mapAnswer, mapPicturesAnswer, mapPicturesQuery } from '../schemas/map';

export const mapOperations = {
  map: {
    method: 'GET',
    path: '/map',
    tag: 'Map',
    summary: 'All pictures in two dimensions, near each other where they look alike',
    answer: { type: 'application/json', schema: mapAnswer },
  },
  mapPictures: {
    method: 'GET',
    path: '/map/pictures',
    tag: 'Map',
    summary: 'Names and addresses of some pictures; those that are gone are left out',
    query: mapPicturesQuery,
    answer: { type: 'application/json', schema: mapPicturesAnswer },
  },
} as const satisfies Record<string, Operation>;
