// The map over HTTP.

import { z } from 'zod';
import { picture } from './common';
import { job } from './jobs';

const count = z.number().int();

export const mapAnswer = z.object({
  model: z.string().nullable().describe('The model that serves; null while none has embedded.'),
  pictures: count.describe('Pictures that it has embedded and that are on the disk.'),
  added: count.describe('Of them, those that have no place on the map yet.'),
  gone: count.describe('Places of pictures that are no more.'),
  job: job.nullable().describe('The job that makes the map or brings it up to date.'),
  map: z
    .object({
      updatedAt: z.iso.datetime(),
      base: count.describe(
        'Pictures that were laid out together; the others were placed among them.',
      ),
      ids: z.string().describe('Base64 of the items, ascending, as little-endian uint32.'),
      places: z
        .string()
        .describe('Base64 of x and y of each in turn, 0 to 65,535, as little-endian uint16.'),
    })
    .nullable(),
});

export const mapPicturesQuery = z.object({
  ids: z
    .string()
    .regex(/^\d{1,10}(,\d{1,10}){0,199}$/, 'must be at most 200 ids with commas between')
    .transform((text) => text.split(',').map(Number)),
});

export const mapPicturesAnswer = z.object({ pictures: z.array(picture) });

export type MapAnswer = z.infer<typeof mapAnswer>;
