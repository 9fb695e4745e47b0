// One picture: what is known of it, and what stands around it.

import { z } from 'zod';
import { hit } from './search';

export const itemAnswer = z.object({
  itemId: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
  format: z.string(),
  bytes: z.number().int(),
  takenAt: z.iso.datetime().nullable(),
  addedAt: z.iso.datetime(),
  camera: z.string().nullable(),
  latitude: z.number().nullable().describe('Degrees, north positive.'),
  longitude: z.number().nullable().describe('Degrees, east positive.'),
  files: z.array(
    z.object({
      path: z.string(),
      status: z.enum(['present', 'missing', 'failed']),
      reason: z.string().nullable(),
    }),
  ),
  captions: z.array(
    z.object({ text: z.string(), source: z.string(), language: z.string().nullable() }),
  ),
  collections: z.array(z.string()),
  thumbnail: z.string(),
  preview: z.string().describe('The picture as WebP, at most 1,600 pixels wide and high.'),
  original: z.string(),
  shown: z.boolean().describe('Whether browsers can show the original.'),
  same: z.array(hit).describe('Other files that look the same.'),
  near: z.array(hit).describe('The nearest of the others.'),
});

export type ItemAnswer = z.infer<typeof itemAnswer>;

export const thumbnailQuery = z.object({
  size: z
    .enum(['small', 'medium', 'large'])
    .default('medium')
    .describe('At most 208, 416 or 1,600 pixels high.'),
  v: z
    .string()
    .max(64)
    .optional()
    .describe('The first digits of the content: the answer then never changes.'),
});

export const whyQuery = z
  .object({
    words: z.string().trim().min(1).max(500).optional(),
    like: z
      .string()
      .regex(/^[1-9]\d{0,15}$/, 'must be the id of an item')
      .transform(Number)
      .optional(),
  })
  .describe('One term of a query.');
