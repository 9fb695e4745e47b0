// What the library holds, and whether the engine answers.

import { z } from 'zod';

export const statusAnswer = z.object({
  state: z.enum(['starting', 'ready', 'failed']),
  model: z.string().nullable().describe('The model that serves.'),
  items: z.number().int(),
  captions: z.number().int(),
  indexed: z
    .object({ image: z.number().int(), text: z.number().int() })
    .describe('What can be found now.'),
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
