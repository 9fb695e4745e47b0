// Reads a query from URL parameters or form fields, checked once; the way back is _lib/query.ts.
import { z } from 'zod';
import { filterTime, type ItemFilter } from '#catalog';
import { PAGE_SIZE } from '../_lib/api';
import type { Query } from '../_lib/query';
import { HttpProblem } from './problem';

const words = z.string().trim().max(500);

const yesOrNo = z.enum(['true', 'false']).transform((text) => text === 'true');
const time = z.string().transform((text, context) => {
  const read = filterTime(text);
  if (read !== null) return read;
  context.addIssue('must be a year, a month, a day, or a time in ISO 8601');
  return z.NEVER;
});

/** What the hits have to satisfy, as the API spells it. */
const filterFields = {
  collection: z.string().max(200).optional(),
  takenAfter: time.optional(),
  takenBefore: time.optional(),
  orientation: z.enum(['landscape', 'portrait', 'square']).optional(),
  hasCaption: yesOrNo.optional(),
  under: z.string().max(4096).startsWith('/', 'must be an absolute path').optional(),
  format: z.string().max(20).optional(),
  missing: yesOrNo.optional(),
};

const schema = z.object({
  q: words.default(''),
  not: z.array(words.min(1)).max(8).default([]),
  in: z.enum(['image', 'text']).default('image'),
  ...filterFields,
  like: z.coerce.number().int().positive().optional(),
  picture: z.string().max(40).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(PAGE_SIZE),
  offset: z.coerce.number().int().min(0).max(10_000).default(0),
});

export interface ParsedQuery {
  query: Query;
  /** What the hits have to satisfy, the query's collection included; undefined if nothing. */
  filter: ItemFilter | undefined;
  limit: number;
  offset: number;
}

/** Reads the fields it knows and ignores others and empty ones. Throws a 400 that names the field. */
export function parseQuery(fields: Iterable<[string, unknown]>): ParsedQuery {
  const record: Record<string, unknown> = {};
  const not: unknown[] = [];
  for (const [name, value] of fields) {
    if (value === '') continue;
    if (name === 'not') not.push(value);
    else record[name] = value;
  }
  const parsed = schema.safeParse({ ...record, not });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new HttpProblem(400, `${String(issue?.path[0])}: ${issue?.message}`);
  }
  const { q, limit, offset, not: less, in: target, like, picture, ...filter } = parsed.data;
  const query = { words: q, not: less, in: target, collection: filter.collection, like, picture };
  return { query, filter: toFilter(filter), limit, offset };
}

type FilterFields = z.infer<z.ZodObject<typeof filterFields>>;

function toFilter({ takenAfter, takenBefore, ...rest }: FilterFields): ItemFilter | undefined {
  const filter = { ...rest, takenFrom: takenAfter, takenTo: takenBefore };
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
  const id = z.coerce.number().int().positive().safeParse(text);
  if (!id.success) throw new HttpProblem(404, `There is no picture ${text}.`);
  return id.data;
}
