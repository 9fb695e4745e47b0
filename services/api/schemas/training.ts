// Runs of training over HTTP: how far they are, their curves, what their data is like, what came out.

import { z } from 'zod';
import { job } from './jobs';

const count = z.number().int();
const perCut = <T extends z.ZodType>(of: T) => z.object({ r1: of, r5: of, r10: of });
const interval = z.tuple([z.number(), z.number()]).describe('95 %, by bootstrap over the queries.');
const estimate = z.object({ value: z.number(), interval });

const retrieval = perCut(z.number()).extend({
  mrr: z.number(),
  medianRank: z.number(),
  interval: perCut(interval),
  chance: perCut(z.number()).describe('The recalls of a random order.'),
});

/** Recalls are fractions. */
export const evaluation = z.object({
  pairs: count.describe('Pictures.'),
  meanRecall: estimate.describe('Mean of recall@1, 5 and 10 of both directions.'),
  textToImage: retrieval,
  imageToText: retrieval,
});

export const comparison = z.object({
  before: evaluation,
  after: evaluation,
  difference: z.object({
    meanRecall: estimate,
    textToImage: perCut(estimate),
    imageToText: perCut(estimate),
  }),
});

export const run = z.object({
  name: z.string(),
  state: z
    .enum(['running', 'stopped', 'done'])
    .describe('A run that was stopped, or whose process died, can be resumed.'),
  startedAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  model: z.string().describe('The model it started from.'),
  data: z.string().describe('What it was asked to train on.'),
  pictures: count.nullable().describe('Pictures trained on; null until the data has been read.'),
  step: count,
  steps: count.nullable(),
  loss: z.number().nullable().describe('Of the last step.'),
  recall: z.object({
    before: z.number().nullable(),
    best: z.number().nullable(),
    after: z.number().nullable(),
  }),
  serves: z.boolean().describe('Whether searches use its model now.'),
  job: job
    .nullable()
    .describe('The job that works on it, or that did last; null for the command line.'),
});

/** Finds with a count and the first of them; files go by their names. */
const found = z.object({ count, first: z.array(z.string()) });

const setReport = z.object({
  pictures: count,
  bare: count.describe('Pictures left out for lack of a caption.'),
  captions: count,
  differentCaptions: count,
  captionsPerPicture: z.number(),
  missing: found,
  unreadable: found.nullable().describe('Null where the pictures were not decoded.'),
  equal: found.describe('Groups of files with the same bytes.'),
  lookAlikes: found.nullable(),
  shared: found.describe('Captions that several pictures have.'),
  overlong: found.describe('Captions that are cut.'),
  languages: z.array(z.object({ language: z.string().nullable(), share: z.number() })),
});

export const dataReport = z.object({
  data: setReport,
  split: z.object({ train: count, validation: count, test: count }),
  leakage: z
    .object({ same: found, lookAlikes: found.nullable() })
    .nullable()
    .describe('Held-out pictures that are trained on too.'),
  batch: z.object({ size: count, stepsPerEpoch: count, wrongNegatives: z.number() }),
  flip: z.object({ flip: z.boolean(), reason: z.string() }),
  estimate: z
    .object({
      steps: count,
      seconds: z.number().nullable(),
      bytes: z.number(),
      free: z.number(),
      weights: z.number(),
      trained: z.number(),
    })
    .nullable(),
});

export const curves = z.object({
  metrics: z
    .array(
      z.object({
        step: count,
        loss: z.number(),
        low: z.number(),
        high: z.number(),
        learningRate: z.number(),
        gradientNorm: z.number(),
      }),
    )
    .describe('At most 400 points, each the mean of the steps since the one before.'),
  validation: z.array(
    z.object({
      step: count,
      meanRecall: z.number(),
      textToImage: perCut(z.number()),
      imageToText: perCut(z.number()),
    }),
  ),
});

export const runReport = z.object({
  steps: count,
  stoppedEarly: z.boolean(),
  seconds: z.number(),
  samplesPerSecond: z.number(),
  peakMemory: z.number().describe('Bytes.'),
  loss: z.object({ first: z.number(), last: z.number() }),
  best: z.object({ step: count, meanRecall: z.number() }).nullable(),
  alpha: z.number().describe('Share of the tuned weights; the rest is the base.'),
  reason: z.string().describe('Why this share.'),
  evaluation: comparison.nullable().describe('On the pictures that the weights were chosen by.'),
  test: comparison.nullable().describe('On pictures that nothing was chosen by.'),
  warnings: z.array(z.string()),
  skipped: z.array(z.object({ image: z.string(), reason: z.string() })),
});

export const runDetail = run.extend({
  settings: z.record(z.string(), z.unknown()),
  curves,
  dataReport: dataReport.nullable(),
  report: runReport.nullable(),
});

export const runsAnswer = z.object({
  runs: z.array(run).describe('The newest first.'),
  starting: z.array(job).describe('Jobs of training that have no run yet, or never got one.'),
});

export type RunAnswer = z.infer<typeof run>;
export type RunDetailAnswer = z.infer<typeof runDetail>;
export type RunsAnswer = z.infer<typeof runsAnswer>;
export type DataReportAnswer = z.infer<typeof dataReport>;
export type ComparisonAnswer = z.infer<typeof comparison>;
export type EvaluationAnswer = z.infer<typeof evaluation>;
export type CurvesAnswer = z.infer<typeof curves>;
