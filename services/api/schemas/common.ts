// What several requests and answers have in common: fields as URLs spell them, problems.

import { z } from 'zod';

export const yesOrNo = z.enum(['true', 'false']).transform((text) => text === 'true');

export const itemId = z.coerce.number().int().positive();

/** The problem+json of RFC 9457: what every failure is answered as. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().describe('What went wrong, in one line.'),
});
export type Problem = z.infer<typeof problem>;
