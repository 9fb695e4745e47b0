// The routes of searching.

import type { Operation } from '../operation';
import { facetsAnswer, facetsQuery } from '../schemas/facets';
import { searchAnswer, searchForm, searchQuery } from '../schemas/search';
import { statusAnswer } from '../schemas/status';

const answer = { type: 'application/json', schema: searchAnswer } as const;
const problems = {
  400: 'Nothing to search for, or a field that makes no sense.',
  404: 'There is no such collection.',
  503: 'The engine is warming up; try again after Retry-After seconds.',
};

export const searchOperations = {
  search: {
    method: 'GET',
    path: '/search',
    tag: 'Search',
    summary: 'Hits for words, or for more like an item',
    query: searchQuery,
    answer,
    problems,
  },
  searchByPicture: {
    method: 'POST',
    path: '/search',
    tag: 'Search',
    summary: 'Hits for a picture that is sent along, with words or without',
    body: { type: 'multipart/form-data', schema: searchForm },
    answer,
    problems: {
      ...problems,
      413: 'The picture has too many bytes.',
      415: 'It is no form.',
      422: 'The file is no picture that can be read.',
    },
  },
  facets: {
    method: 'GET',
    path: '/facets',
    tag: 'Search',
    summary: 'How many pictures of each kind satisfy a filter',
    query: facetsQuery,
    answer: { type: 'application/json', schema: facetsAnswer },
    problems: { 404: 'There is no such collection.' },
  },
  status: {
    method: 'GET',
    path: '/status',
    tag: 'Search',
    summary: 'State, model, and how much is indexed',
    answer: { type: 'application/json', schema: statusAnswer },
  },
} as const satisfies Record<string, Operation>;
