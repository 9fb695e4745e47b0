// What several requests and answers have in common: fields as URLs spell them, problems.

import { z } from 'zod';

export const yesOrNo = z.enum(['true', 'false']).transform((text) => text === 'true');

export const itemId = z.coerce.number().int().positive();

/** A picture to show: what to call it, its shape, where it is served. */
export const picture = z.object({
  itemId: z.number().int(),
  label: z.string(),
  width: z.number().int().nullable(),
  height: z.number().int().nullable(),
  takenAt: z.iso.datetime().nullable(),
  thumbnail: z.string(),
  original: z.string(),
});
export type PictureAnswer = z.infer<typeof picture>;

/** The problem+json of RFC 9457: what every failure is answered as. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().describe('What went wrong, in one line.'),
});
export type Problem = z.infer<typeof problem>;
