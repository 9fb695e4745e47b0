// Long jobs over HTTP.

import { z } from 'zod';
import { jobKinds } from '#jobs';

const progress = z.object({
  text: z.string(),
  done: z.number().optional(),
  total: z.number().optional(),
  detail: z.record(z.string(), z.unknown()).optional(),
});

export const job = z.object({
  id: z.string(),
  kind: z.enum(jobKinds),
  parameters: z.record(z.string(), z.unknown()),
  state: z.enum(['running', 'stopping', 'done', 'stopped', 'failed']),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  progress: progress.nullable(),
  error: z.string().nullable().describe('Why it failed, in one line.'),
});

export const jobDetail = job.extend({
  notes: z.array(z.string()).describe('The last lines that it said beside its progress.'),
  result: z.unknown().describe("The command's own report, once it has ended."),
});

export const jobStart = z
  .object({
    kind: z.enum(jobKinds),
    parameters: z.record(z.string(), z.unknown()).default({}),
  })
  .meta({
    examples: [{ kind: 'ingest', parameters: { paths: ['/pictures'], collection: 'holiday' } }],
  });

export const jobsQuery = z.object({ kind: z.enum(jobKinds).optional() });
export const jobsAnswer = z.object({ jobs: z.array(job).describe('The newest first.') });

export type JobAnswer = z.infer<typeof job>;
export type JobDetailAnswer = z.infer<typeof jobDetail>;
export type JobStart = z.input<typeof jobStart>;
