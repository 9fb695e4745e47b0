// Models over HTTP: which there are, which serves, how well they find; and searching with one that does not.

import { z } from 'zod';
import { picture } from './common';
import { filterFields } from './search';

const count = z.number().int();
const cuts = z.object({ r1: z.number(), r5: z.number(), r10: z.number() });

export const model = z.object({
  name: z.string(),
  fingerprint: z.string().describe('Equal for models that give the same embeddings.'),
  serves: z.boolean(),
  here: z.boolean().describe('Whether its folder is still there.'),
  type: z.string().nullable().describe('clip, siglip, …'),
  dimension: count.nullable(),
  bytes: count.nullable().describe('Of its graphs with their weights.'),
  base: z
    .string()
    .nullable()
    .describe('The model that it was trained from, if a run here made it.'),
  run: z.string().nullable(),
  embedded: z.object({ images: count, texts: count }),
  waiting: count.describe('Pictures on the disk that it has not embedded.'),
  usedAt: z.iso.datetime().nullable().describe('When it was last taken into use.'),
  recall: z
    .object({
      collection: z.string(),
      pictures: count,
      mean: z.number(),
      textToImage: cuts,
      imageToText: cuts,
      measuredAt: z.iso.datetime(),
    })
    .nullable()
    .describe('On captions of a collection, as it was measured last.'),
});

export const modelsAnswer = z.object({
  models: z.array(model).describe('The one that serves first.'),
  previous: z.string().nullable().describe('The model that served before: the way back.'),
});

export const modelSearchQuery = z.object({
  q: z.string().trim().min(1).max(500),
  collection: filterFields.collection,
  limit: z.coerce.number().int().min(1).max(50).default(12),
});

export const modelSearchAnswer = z.object({
  model: z.string(),
  took: z.object({ encodeMs: z.number(), searchMs: z.number() }),
  hits: z
    .array(picture.extend({ score: z.number().describe('Cosine similarity, −1 to 1.') }))
    .describe('Best first.'),
});

export type ModelAnswer = z.infer<typeof model>;
export type ModelsAnswer = z.infer<typeof modelsAnswer>;
