// The routes of pictures.

import type { Operation } from '../operation';

const gone = { 404: 'There is no such picture, or its file is gone.' };

export const itemOperations = {
  thumbnail: {
    method: 'GET',
    path: '/items/{id}/thumbnail',
    tag: 'Pictures',
    summary: 'The picture, small, as WebP',
    answer: { type: 'image/webp' },
    problems: gone,
  },
  original: {
    method: 'GET',
    path: '/items/{id}/original',
    tag: 'Pictures',
    summary: "The picture's own file, as it is on the disk",
    answer: { type: 'image/*' },
    problems: gone,
  },
} as const satisfies Record<string, Operation>;
