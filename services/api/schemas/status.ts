// What the library holds, and whether the engine answers.

import { z } from 'zod';

const method = z.enum(['exact', 'hnsw']);
const share = z.number().min(0).max(1).nullable();
const building = z.object({ done: z.number().int(), total: z.number().int() });

export const statusAnswer = z.object({
  state: z.enum(['starting', 'ready', 'failed']),
  model: z.string().nullable().describe('The model that serves.'),
  items: z.number().int(),
  captions: z.number().int(),
  indexed: z
    .object({ image: z.number().int(), text: z.number().int() })
    .describe('What can be found now.'),
  method: z
    .object({ image: method, text: method })
    .describe('What answers: every vector compared, or a graph that finds nearly all.'),
  recall: z
    .object({ image: share, text: share })
    .nullable()
    .describe('Of the ten nearest, the share that is found, as measured; null where it was not.'),
  building: z
    .object({ image: building.optional(), text: building.optional() })
    .describe('Graphs that are being built; until they are, every vector is compared.'),
  preparing: z
    .object({ model: z.string(), done: z.number(), total: z.number() })
    .nullable()
    .describe('A model that is to serve, and how much is embedded by it.'),
  error: z.string().nullable(),
});
export type StatusAnswer = z.infer<typeof statusAnswer>;

export const healthAnswer = z.object({
  ready: z.boolean().describe('Whether the model and its indexes answer.'),
});
export type HealthAnswer = z.infer<typeof healthAnswer>;
