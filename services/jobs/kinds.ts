// Which of our commands may run as jobs, and how checked parameters become their arguments. What comes
// from outside never becomes an option: values are glued to theirs by =, operands stand behind --.

import path from 'node:path';
import { z } from 'zod';
import { config } from '#config';

const line = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine((text) => !/\p{Cc}/u.test(text), 'must be one line');
const collection = line(200);
const model = line(500).refine((text) => !text.startsWith('-'), 'must not begin with -');
/** What an upload is answered with: where the data folder lies is not for clients. */
const UPLOADS = /^uploads\/[\p{L}\p{N}-]+$/u;
const source = z
  .string()
  .max(4096)
  .refine(
    (text) => UPLOADS.test(text) || (path.isAbsolute(text) && !text.includes('\0')),
    'must be an absolute path',
  );

/** Where the pictures are that an ingest was given as `source`. */
export function sourcePath(source: string): string {
  return path.resolve(config().home, source);
}

interface Kind<Shape extends z.ZodRawShape> {
  parameters: z.ZodObject<Shape>;
  args: (parameters: z.infer<z.ZodObject<Shape>>) => (string | false | undefined)[];
  /** How many may run at once. */
  atOnce: number;
}

const kind = <Shape extends z.ZodRawShape>(definition: Kind<Shape>) => definition;

/** `--name=value`, or nothing where there is no value. */
const option = (name: string, value: string | number | undefined) =>
  value !== undefined && `--${name}=${value}`;

/** How a model is fine-tuned; what is not given follows the data. */
const training = z.strictObject({
  collection,
  model: model.optional(),
  epochs: z.number().positive().max(1000).optional(),
  batchSize: z.number().int().min(2).max(4096).optional(),
  microBatch: z.number().int().min(1).max(4096).optional(),
  learningRate: z.number().positive().max(1).optional(),
  lora: z.number().int().min(1).max(256).optional(),
  freeze: z.enum(['image', 'text']).optional(),
  augment: z.enum(['none', 'light', 'strong']).optional(),
  holdout: z.number().min(0).max(0.5).optional(),
  test: z.number().gt(0).max(0.5).optional(),
  patience: z.number().int().min(1).max(100).optional(),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31)
    .optional(),
});

function trainArgs(parameters: z.infer<typeof training>) {
  const { collection, learningRate, batchSize, microBatch, ...rest } = parameters;
  return [
    'train',
    option('data', `collection:${collection}`),
    option('batch-size', batchSize),
    option('micro-batch', microBatch),
    option('lr', learningRate),
    ...Object.entries(rest).map(([name, value]) => option(name, value)),
    '--json',
  ];
}

export const kinds = {
  /** Takes in pictures and folders. */
  ingest: kind({
    parameters: z.strictObject({
      paths: z.array(source).min(1).max(1000),
      collection: collection.optional(),
    }),
    args: ({ paths, collection }) => [
      'ingest',
      option('collection', collection),
      '--json',
      '--',
      ...paths.map(sourcePath),
    ],
    atOnce: 3,
  }),
  /** Fine-tunes a model on a collection's captions. */
  train: kind({ parameters: training, args: trainArgs, atOnce: 1 }),
  /** What training with the same parameters would see, take and need. */
  dataReport: kind({
    parameters: training,
    args: (parameters) => [...trainArgs(parameters), '--dry-run'],
    atOnce: 1,
  }),
  /** Goes on with a run of training that was interrupted. */
  resume: kind({
    parameters: z.strictObject({ run: z.string().regex(/^\w[\w.-]{0,99}$/, 'must be a run') }),
    args: ({ run }) => ['train', option('resume', run), '--json'],
    atOnce: 1,
  }),
  /** Embeds and indexes everything by another model, and then lets it serve (or not). */
  modelUse: kind({
    parameters: z.strictObject({ model, serve: z.boolean().default(true) }),
    args: ({ model, serve }) => ['model', 'use', !serve && '--no-switch', '--json', '--', model],
    atOnce: 1,
  }),
  /** Forgets what a model that does not serve has embedded. */
  modelDrop: kind({
    parameters: z.strictObject({ model }),
    args: ({ model }) => ['model', 'drop', '--yes', '--json', '--', model],
    atOnce: 1,
  }),
  /** How two models that have embedded the library rank it differently. */
  modelDiff: kind({
    parameters: z.strictObject({
      before: model,
      after: model,
      queries: z.number().int().min(1).max(10_000).optional(),
    }),
    args: ({ before, after, queries }) => [
      'model',
      'diff',
      option('limit', queries),
      '--json',
      '--',
      before,
      after,
    ],
    atOnce: 1,
  }),
  /** Recall of a model on the captions of a collection, or of some of its pictures. */
  evaluate: kind({
    parameters: z.strictObject({
      collection,
      model,
      sample: z.number().int().min(10).max(10_000).optional(),
    }),
    args: ({ collection, model, sample }) => [
      'evaluate',
      option('data', `collection:${collection}`),
      option('model', model),
      option('sample', sample),
      '--json',
    ],
    atOnce: 1,
  }),
  /** Lays the pictures out in two dimensions, or brings the layout up to date. */
  map: kind({
    parameters: z.strictObject({ model: model.optional(), afresh: z.boolean().default(false) }),
    args: ({ model, afresh }) => ['map', option('model', model), afresh && '--afresh', '--json'],
    atOnce: 1,
  }),
  /** Finds files of one content, and pictures that look alike. */
  duplicates: kind({
    parameters: z.strictObject({ collection: collection.optional() }),
    args: ({ collection }) => ['duplicates', option('collection', collection), '--json'],
    atOnce: 1,
  }),
  /** Measures what finds neighbours for the least time, and keeps it. */
  indexTune: kind({
    parameters: z.strictObject({ target: z.number().gt(0).max(1).optional() }),
    args: ({ target }) => ['index', 'tune', option('target', target), '--json'],
    atOnce: 1,
  }),
};

export type JobKind = keyof typeof kinds;

/** What a job of a kind is started with. */
export type JobParameters<K extends JobKind> = z.input<(typeof kinds)[K]['parameters']>;

export const jobKinds = Object.keys(kinds) as JobKind[];
