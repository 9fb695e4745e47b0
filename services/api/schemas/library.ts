// The library: its pictures and collections, what is brought in, what cannot be used.

import { z } from 'zod';
import { MAX_ARCHIVED } from '#limits';
import { picture } from './common';
import { filterFields } from './search';

export const itemsQuery = z.object({
  ...filterFields,
  order: z
    .enum(['newest', 'oldest', 'added'])
    .default('newest')
    .describe('By when they were taken, the undated last; or the last added first.'),
  after: z.string().max(40).optional().describe('`next` of the page before, in the same order.'),
  limit: z.coerce.number().int().min(1).max(200).default(60),
});
export const itemsAnswer = z.object({
  items: z.array(picture),
  next: z.string().nullable().describe('Where the next page begins; null after the last.'),
});

export const itemIds = z.object({
  ids: z.array(z.number().int().positive()).min(1).max(10_000),
});
const archivedIds = new RegExp(`^\\d{1,10}(,\\d{1,10}){0,${MAX_ARCHIVED - 1}}$`);
export const archiveQuery = z.object({
  ids: z
    .string()
    .regex(archivedIds, `must be at most ${MAX_ARCHIVED} ids with commas between`)
    .transform((text) => text.split(',').map(Number)),
});
export const forgottenAnswer = z.object({
  forgotten: z.number().int().describe('How many of them there were.'),
});

export const collectionName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((name) => !/\p{Cc}/u.test(name), 'must be one line');

export const collection = z.object({
  name: z.string(),
  items: z.number().int(),
  present: z.number().int().describe('Those whose file is on the disk.'),
  covers: z.array(picture).describe('A few of them.'),
  createdAt: z.iso.datetime(),
});
export const collectionsAnswer = z.object({ collections: z.array(collection) });
export const membersAnswer = z.object({
  changed: z.number().int().describe('How many of the pictures came in, or went.'),
});

export const uploadQuery = z.object({
  collection: collectionName.optional().describe('The collection that it is for.'),
});
export const uploadAnswer = z.object({
  name: z.string().describe('What it is called now.'),
  bytes: z.number().int(),
  folder: z
    .string()
    .describe(
      'Where it waits to be ingested, in the data folder: one of the paths of a job "ingest".',
    ),
  known: z.boolean().describe('Whether the same file was sent before.'),
});

export const failuresQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  offset: z.coerce.number().int().min(0).default(0),
});
export const failuresAnswer = z.object({
  total: z.number().int(),
  failures: z.array(
    z.object({
      path: z.string(),
      reason: z.string(),
      collection: z.string().nullable().describe('The one that it was to be in.'),
    }),
  ),
});

export const embedTexts = z
  .object({ texts: z.array(z.string().trim().min(1).max(2000)).min(1).max(64) })
  .meta({ examples: [{ texts: ['a red boat'] }] });
/** A form with pictures. */
export const embedPictures = z.object({
  image: z
    .array(z.custom<Blob>((value) => value instanceof Blob, 'must be a file'))
    .min(1)
    .max(16),
});
export const embeddingsAnswer = z.object({
  model: z.string(),
  fingerprint: z
    .string()
    .describe('Of the weights: vectors of different fingerprints do not compare.'),
  dimension: z.number().int(),
  vectors: z.array(z.array(z.number())).describe('One a text or picture, in order, of length one.'),
});

export type CollectionAnswer = z.infer<typeof collection>;
export type FailuresAnswer = z.infer<typeof failuresAnswer>;
export type UploadAnswer = z.infer<typeof uploadAnswer>;
export type ItemsAnswer = z.infer<typeof itemsAnswer>;
