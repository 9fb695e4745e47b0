// Reads a query from URL parameters or form fields, checked once; the way back is _lib/query.ts.
import { z } from 'zod';
import { searchQuery } from '#api';
import type { ItemFilter } from '#catalog';
import { readWords, USUAL_WEIGHT, type Query } from '../_lib/query';
import { readFields } from './fields';
import { HttpProblem } from './problem';

export interface ParsedQuery {
  query: Query;
  /** What the hits have to satisfy, the query's collection included; undefined if nothing. */
  filter: ItemFilter | undefined;
  limit: number;
  offset: number;
}

/** Reads the fields it knows and ignores others and empty ones. Throws a 400 that names the field. */
export function parseQuery(fields: Iterable<[string, unknown]>): ParsedQuery {
  return asParsed(readFields(searchQuery, fields));
}

/** The same from fields that are checked already. */
export function asParsed(fields: z.output<typeof searchQuery>): ParsedQuery {
  const { q, limit, offset, not, in: target, like, unlike, picture, sort, ...filters } = fields;
  const read = readWords(q);
  const query: Query = {
    words: read.words,
    not: [...read.not, ...withUsual(not, USUAL_WEIGHT.not)],
    like: withUsual(like, USUAL_WEIGHT.like),
    unlike: withUsual(unlike, USUAL_WEIGHT.unlike),
    picture,
    in: target,
    sort,
    filters,
  };
  return { query, filter: toFilter(filters), limit, offset };
}

function withUsual<T extends { weight: number | undefined }>(terms: T[], usual: number) {
  return terms.map((term) => ({ ...term, weight: term.weight ?? usual }));
}

type FilterFields = Pick<
  z.output<typeof searchQuery>,
  | 'collection'
  | 'takenAfter'
  | 'takenBefore'
  | 'orientation'
  | 'hasCaption'
  | 'under'
  | 'format'
  | 'missing'
>;

/** What the fields of a filter mean to the catalog; undefined if nothing. */
export function toFilter({ takenAfter, takenBefore, ...rest }: FilterFields) {
  const filter: ItemFilter = { ...rest, takenFrom: takenAfter, takenTo: takenBefore };
  return Object.values(filter).some((value) => value !== undefined) ? filter : undefined;
}

/** The same from the parameters that Next gives to a page. */
export function parsePageQuery(
  parameters: Record<string, string | string[] | undefined>,
): ParsedQuery {
  const fields = Object.entries(parameters).flatMap(([name, value]) =>
    [value ?? []].flat().map((each): [string, string] => [name, each]),
  );
  return parseQuery(fields);
}

/** The id in an item's address. Throws a 404 for anything that cannot be one. */
export function parseItemId(text: string): number {
  const id = z.string().regex(/^\d+$/).transform(Number).pipe(z.int().positive()).safeParse(text);
  if (!id.success) throw new HttpProblem(404, `There is no picture ${text}.`);
  return id.data;
}
