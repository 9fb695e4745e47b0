// A run's folder: settings, metrics row by row, checkpoint, report, and the model it made.

import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AUGMENTATIONS } from './augment';
import { LOSSES } from './loss/objective';

/** Everything that decides a run's result. A resumed run reads it back from its folder. */
export const runSettings = z.object({
  /** Name, folder or hub id of the base model. */
  model: z.string().min(1),
  /** JSONL of training pairs. */
  data: z.string().min(1),
  /** JSONL of validation pairs; without it a share of the data's pictures is held out. */
  validation: z.string().min(1).optional(),
  holdout: z.number().min(0).max(0.9),
  /** The tower that keeps its weights. */
  freeze: z.enum(['image', 'text']).optional(),
  loss: z.enum(Object.keys(LOSSES) as [keyof typeof LOSSES]),
  epochs: z.number().positive(),
  batchSize: z.number().int().min(2),
  /** Pairs that go through a tower at once; less memory, the same gradients. */
  microBatch: z.number().int().min(1).optional(),
  /** Captions of each picture in a batch, where it has several. */
  captionsPerPicture: z.number().int().min(1),
  learningRate: z.number().positive(),
  warmupSteps: z.number().int().min(0).optional(),
  weightDecay: z.number().min(0),
  augmentation: z.enum(Object.keys(AUGMENTATIONS) as [keyof typeof AUGMENTATIONS]),
  /** Templates with a `{}` that captions are put into at random, for captions that are labels. */
  templates: z.array(z.string().includes('{}')).optional(),
  /** Share of words that captions lose in training. */
  wordDropout: z.number().min(0).max(0.9).optional(),
  /** Whether pictures are mirrored; by default where no caption names a side or letters. */
  flip: z.boolean().optional(),
  /** Rank of the adapters that are trained in place of the weights (Hu et al. 2021). */
  lora: z.object({ rank: z.number().int().min(1), targets: z.string().optional() }).optional(),
  /** Peak learning rates that differ from `learningRate`. */
  rates: z
    .object({
      text: z.number().min(0),
      image: z.number().min(0),
      head: z.number().min(0),
      scale: z.number().min(0),
    })
    .partial()
    .optional(),
  /** Factor on the learning rate from each layer to the one before it. */
  layerDecay: z.number().gt(0).max(1).optional(),
  /** Share of the target that goes to all candidates alike. */
  labelSmoothing: z.number().min(0).max(0.9).optional(),
  /** Exponent on the similarity of negatives: how much harder ones weigh more (0: all alike). */
  hardNegatives: z.number().min(0).optional(),
  /** Past embeddings of each kind, made by momentum towers, that are further negatives. */
  queue: z.number().int().min(0).optional(),
  /** Share that the momentum towers keep of themselves at each step. */
  momentum: z.number().min(0).max(1).optional(),
  /** A loss between two views of each picture, beside the loss of pairs or (loss `none`) alone. */
  selfSupervised: z
    .object({ kind: z.enum(['ntxent', 'byol']), weight: z.number().positive() })
    .optional(),
  /** Steps between evaluations on the validation split; by default an epoch. */
  evaluateEvery: z.number().int().min(1).optional(),
  /** Evaluations without a better one after which the run stops. */
  patience: z.number().int().min(1).optional(),
  /** A second set whose recall must not get worse. */
  retention: z.string().min(1).optional(),
  seed: z.number().int().min(0),
});

export type RunSettings = z.infer<typeof runSettings>;

/** Defaults for fine-tuning; a model trained from scratch wants a higher learning rate. */
export const RUN_DEFAULTS = {
  holdout: 0.1,
  loss: 'infonce',
  epochs: 10,
  batchSize: 64,
  captionsPerPicture: 1,
  learningRate: 1e-4,
  weightDecay: 0.1,
  augmentation: 'light',
  seed: 0,
} as const;

export class RunFolder {
  constructor(readonly path: string) {}

  get checkpoint(): string {
    return path.join(this.path, 'checkpoint.bin');
  }

  get model(): string {
    return path.join(this.path, 'model');
  }

  /** Creates the folder of a new run. */
  static async create(folder: string, settings: RunSettings): Promise<RunFolder> {
    await mkdir(folder, { recursive: true });
    const run = new RunFolder(folder);
    await run.write('settings.json', settings);
    return run;
  }

  /** Opens the folder of a run to go on with. Throws one line where it is not one. */
  static async open(folder: string): Promise<{ run: RunFolder; settings: RunSettings }> {
    let content: string;
    try {
      content = await readFile(path.join(folder, 'settings.json'), 'utf8');
    } catch (cause) {
      throw new Error(`${folder} is not a run: it has no settings.json`, { cause });
    }
    return { run: new RunFolder(folder), settings: runSettings.parse(JSON.parse(content)) };
  }

  /** Appends a row to metrics.jsonl. */
  async metric(row: Record<string, number>): Promise<void> {
    await appendFile(path.join(this.path, 'metrics.jsonl'), `${JSON.stringify(row)}\n`);
  }

  /** The loss of the run's first and last step. */
  async losses(): Promise<{ first: number; last: number }> {
    const rows = (await readFile(path.join(this.path, 'metrics.jsonl'), 'utf8')).trim().split('\n');
    const [first, last] = [rows[0]!, rows.at(-1)!].map(
      (row) => (JSON.parse(row) as { loss: number }).loss,
    );
    return { first: first!, last: last! };
  }

  /** Drops the rows of steps that a killed run did after its last checkpoint. */
  async rewind(step: number): Promise<void> {
    const file = path.join(this.path, 'metrics.jsonl');
    const rows = await readFile(file, 'utf8').catch(() => '');
    const kept = rows.split('\n').filter((row) => isRowUpTo(row, step));
    await writeFile(`${file}.writing`, kept.map((row) => `${row}\n`).join(''));
    await rename(`${file}.writing`, file);
  }

  /** Writes a JSON file, complete or absent. */
  async write(name: string, value: unknown): Promise<void> {
    const file = path.join(this.path, name);
    await writeFile(`${file}.writing`, `${JSON.stringify(value, null, 2)}\n`);
    await rename(`${file}.writing`, file);
  }
}

/** Whether a line is a whole row of a step up to `step`; a kill can cut the last one short. */
function isRowUpTo(line: string, step: number): boolean {
  try {
    return (JSON.parse(line) as { step: number }).step <= step;
  } catch {
    return false;
  }
}
