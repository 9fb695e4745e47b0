// Search: what may be asked, and what is answered.

import { z } from 'zod';
import { filterTime } from '#catalog';
import { MAX_LIKE, MAX_UPLOAD_MEGABYTES, PAGE_SIZE } from '#limits';
import { yesOrNo } from './common';

const words = z.string().trim().max(500);

const time = z.string().transform((text, context) => {
  const read = filterTime(text);
  if (read !== null) return read;
  context.addIssue('must be a year, a month, a day, or a time in ISO 8601');
  return z.NEVER;
});

/** A number of tenths is enough for anyone; 2 makes a term count twice as much as the words. */
const weight = z.coerce.number().min(0.1).max(2);

/** What stands before `^weight`, and the weight, if there is one. */
function weighted<T, K extends string>(name: K, value: z.ZodType<T, string>) {
  return z.string().transform((text, context) => {
    const [, before, after] = /^(.*?)(?:\^([\d.]+))?$/s.exec(text)!;
    const parsed = z.object({ value, weight: weight.optional() }).safeParse({
      value: before,
      weight: after,
    });
    if (parsed.success) {
      return { [name]: parsed.data.value, weight: parsed.data.weight } as Record<K, T> & {
        weight: number | undefined;
      };
    }
    context.addIssue(parsed.error.issues[0]!.message);
    return z.NEVER;
  });
}

const itemNumber = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, 'must be the id of an item')
  .transform(Number);
const items = z.array(weighted('item', itemNumber)).max(MAX_LIKE).default([]);

/** What the hits have to satisfy, as the API spells it. */
export const filterFields = {
  collection: z.string().max(200).optional(),
  takenAfter: time
    .optional()
    .meta({ examples: ['2024-05'] })
    .describe('A year, a month, a day, or a time in ISO 8601.'),
  takenBefore: time.optional(),
  orientation: z.enum(['landscape', 'portrait', 'square']).optional(),
  hasCaption: yesOrNo.optional(),
  under: z
    .string()
    .max(4096)
    .startsWith('/', 'must be an absolute path')
    .optional()
    .describe('A folder, at any depth, or a file.'),
  format: z.string().max(20).optional().describe('jpeg, png, webp, …'),
  missing: yesOrNo.optional().describe('Whether none of its files is on the disk any more.'),
};

export const searchQuery = z.object({
  q: words
    .default('')
    .meta({ examples: ['two dogs on a beach', 'sunset -people'] })
    .describe('Words to search for; behind a minus, `-word` or `-"two words"`, what to avoid.'),
  not: z
    .array(weighted('words', words.min(1)))
    .max(16)
    .default([])
    .describe(
      'What the hits should be less like, `people` or with a weight, `people^0.8`; may be given several times.',
    ),
  in: z.enum(['image', 'text']).default('image').describe('Find pictures, or captions.'),
  ...filterFields,
  like: items
    .meta({ examples: [['42', '7^0.5']] })
    .describe('An item to find more like, `42` or `42^0.5`; may be given several times.'),
  unlike: items.describe('An item to find less like.'),
  sort: z
    .enum(['relevance', 'newest', 'oldest'])
    .default('relevance')
    .describe('By date, only what is related to the query comes.'),
  picture: z
    .string()
    .max(40)
    .optional()
    .describe("The page's name for a picture that it holds; nothing for others."),
  limit: z.coerce.number().int().min(1).max(200).default(PAGE_SIZE),
  offset: z.coerce.number().int().min(0).max(10_000).default(0),
});

/** The same as a form, with the picture to search by. */
export const searchForm = searchQuery.extend({
  image: z
    .custom<Blob>((value) => value instanceof Blob, 'must be a file')
    .describe(`A picture to search by, alone or with words; at most ${MAX_UPLOAD_MEGABYTES} MB.`),
});

export const hit = z.object({
  id: z.number().int().describe("The item's id (image) or the caption's (text)."),
  kind: z.enum(['image', 'text']),
  score: z.number().describe('Cosine similarity to the query, −1 to 1.'),
  related: z.boolean().describe('False for what is probably unrelated to the query.'),
  matched: z
    .array(z.enum(['meaning', 'caption', 'name']))
    .describe('What speaks for it: the picture itself, words of a caption or of a file name.'),
  takenAt: z.iso.datetime().nullable(),
  path: z.string().nullable(),
  text: z.string().nullable().describe('The caption found; null for a picture.'),
  captions: z.array(z.string()),
  width: z.number().int().nullable(),
  height: z.number().int().nullable(),
  itemId: z.number().int(),
  thumbnail: z.string().describe('Where the picture is served, small.'),
  original: z.string().describe('Where the picture is served as it is.'),
});

export const searchAnswer = z.object({
  model: z.string(),
  took: z.object({ encodeMs: z.number(), searchMs: z.number() }),
  cutoff: z
    .number()
    .nullable()
    .describe('The score below which hits are probably unrelated; null where it cannot be told.'),
  hits: z.array(hit).describe('Best first.'),
  next: z.number().int().nullable().describe('The offset of the next page; null after the last.'),
});

export type SearchFields = z.input<typeof searchQuery>;
export type SearchAnswer = z.infer<typeof searchAnswer>;
export type SearchHit = z.infer<typeof hit>;
