// The routes of pictures.

import type { Operation } from '../operation';
import { itemAnswer, thumbnailQuery, whyQuery } from '../schemas/item';

const gone = { 404: 'There is no such picture, or its file is gone.' };

export const itemOperations = {
  item: {
    method: 'GET',
    path: '/items/{id}',
    tag: 'Pictures',
    summary: 'What is known of a picture, and what stands around it',
    answer: { type: 'application/json', schema: itemAnswer },
    problems: { 404: 'There is no such picture.', 503: 'The engine is warming up.' },
  },
  forgetItem: {
    method: 'DELETE',
    path: '/items/{id}',
    tag: 'Pictures',
    summary: 'Forget a picture with all that belongs to it; its files stay on the disk',
    answer: { status: 204, type: null },
    problems: { 404: 'There is no such picture.' },
  },
  why: {
    method: 'GET',
    path: '/items/{id}/why',
    tag: 'Pictures',
    summary: 'Where in a picture the match with one term lies, as a layer to be laid over it',
    query: whyQuery,
    answer: { type: 'image/webp' },
    problems: {
      ...gone,
      400: 'No term, or more than this understands.',
      503: 'The engine is warming up.',
    },
  },
  thumbnail: {
    method: 'GET',
    path: '/items/{id}/thumbnail',
    tag: 'Pictures',
    summary: 'The picture, small, as WebP',
    query: thumbnailQuery,
    answer: { type: 'image/webp' },
    cached: true,
    problems: gone,
  },
  original: {
    method: 'GET',
    path: '/items/{id}/original',
    tag: 'Pictures',
    summary: "The picture's own file, as it is on the disk",
    answer: { type: 'image/*' },
    cached: true,
    parts: true,
    problems: { ...gone, 416: 'The file ends before what the range asks for.' },
  },
} as const satisfies Record<string, Operation>;
