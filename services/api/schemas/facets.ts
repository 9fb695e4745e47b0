// Facets: how many pictures there are of each kind.

import { z } from 'zod';
import { filterFields } from './search';

export const facetsQuery = z.object(filterFields);

const counts = <T extends z.ZodType>(value: T) =>
  z.array(z.object({ value, count: z.number().int() }));

export const facetsAnswer = z.object({
  total: z.number().int().describe('Pictures that satisfy the whole filter.'),
  collections: counts(z.string()),
  formats: counts(z.string()),
  orientations: counts(z.enum(['landscape', 'portrait', 'square'])),
  captions: z.object({ withCaption: z.number().int(), without: z.number().int() }),
  months: counts(z.string()).describe('YYYY-MM in UTC, newest first.'),
  undated: z.number().int(),
});

export type FacetsAnswer = z.infer<typeof facetsAnswer>;
