// A run's folder: settings, metrics and validations row by row, checkpoints, report, and the model.

import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AUGMENTATIONS } from './data/augmentations';
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
  /** Pairs that nothing is chosen by: JSONL, or the share of the data's pictures to hold out for it. */
  test: z.union([z.number().gt(0).max(0.9), z.string().min(1)]).optional(),
  /** The tower that keeps its weights. */
  freeze: z.enum(['image', 'text']).optional(),
  loss: z.enum(Object.keys(LOSSES) as [keyof typeof LOSSES]),
  /** Times through the data; by default more often where there are few pictures. */
  epochs: z.number().positive().optional(),
  /** Pairs a step; by default 64, or what divides fewer pictures into equal batches. */
  batchSize: z.number().int().min(2).optional(),
  /** Pairs that go through a tower at once; less memory, the same gradients. */
  microBatch: z.number().int().min(1).optional(),
  /**
   * Pairs of a batch that are put together because their captions are alike to the base model: their
   * negatives are harder. By default none are.
   */
  similar: z.number().int().min(2).optional(),
  /** Captions of each picture in a batch, where it has several. */
  captionsPerPicture: z.number().int().min(1),
  /** At its peak; by default by how many numbers are trained. */
  learningRate: z.number().positive().optional(),
  warmupSteps: z.number().int().min(0).optional(),
  /** Steps at the end over which the rate falls, from its peak; by default it falls from the warm-up on. */
  decaySteps: z.number().int().min(1).optional(),
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
  /**
   * Negatives weigh exp(this · their cosine with the positive), on average 1: 0 is all alike, 5
   * favours the hard ones clearly.
   */
  hardNegatives: z.number().min(0).optional(),
  /** Past embeddings of each kind, made by momentum towers, that are further negatives. */
  queue: z.number().int().min(0).optional(),
  /** Share that momentum towers (for a queue, for BYOL) keep of themselves at each step; 0.99. */
  momentum: z.number().min(0).max(1).optional(),
  /** A loss between two views of each picture, beside the loss of pairs or (loss `none`) alone. */
  selfSupervised: z
    .object({ kind: z.enum(['ntxent', 'byol']), weight: z.number().positive() })
    .optional(),
  /** Share that averages of the weights keep at each step; they are what is exported then. */
  ema: z.number().gt(0).lt(1).optional(),
  /** Steps between evaluations on the validation split; by default an epoch. */
  evaluateEvery: z.number().int().min(1).optional(),
  /** Evaluations without a better one after which the run stops. */
  patience: z.number().int().min(1).optional(),
  /** A second set whose recall must not get worse. */
  retention: z.string().min(1).optional(),
  /** Where the tuned model goes; by default into the run's folder. */
  out: z.string().min(1).optional(),
  seed: z.number().int().min(0),
});

/** As a user asks for a run. */
export type AskedSettings = z.infer<typeof runSettings>;

/** As a run is made. */
export type RunSettings = AskedSettings & {
  learningRate: number;
  epochs: number;
  batchSize: number;
};

/** Defaults for fine-tuning. */
export const RUN_DEFAULTS = {
  holdout: 0.1,
  loss: 'infonce',
  captionsPerPicture: 1,
  weightDecay: 0.1,
  augmentation: 'light',
  seed: 0,
} as const;

/** Files with a row for each of many steps. */
const LOGS = ['metrics.jsonl', 'validation.jsonl'] as const;
type Log = (typeof LOGS)[number];

/** A run's folder. Nothing is written before `begin`, so that a run that cannot start leaves none. */
export class RunFolder {
  constructor(readonly path: string) {}

  /** The state to go on from. */
  get checkpoint(): string {
    return this.file('checkpoint.bin');
  }

  /** The weights of the best validation. */
  get best(): string {
    return this.file('best.bin');
  }

  /** The adapters alone, of a run with `lora`. */
  get adapters(): string {
    return this.file('adapters.safetensors');
  }

  get model(): string {
    return this.file('model');
  }

  /** Where models lie while they are measured. */
  get trial(): string {
    return this.file('trial');
  }

  /** Opens the folder of a run to go on with. Throws one line where it is not one. */
  static async open(folder: string): Promise<{ run: RunFolder; settings: AskedSettings }> {
    const run = new RunFolder(folder);
    const content = await run.read('settings.json');
    if (content === undefined) throw new Error(`${folder} is not a run: it has no settings.json`);
    const parsed = runSettings.safeParse(content);
    if (parsed.success) return { run, settings: parsed.data };
    const { path: where, message } = parsed.error.issues[0]!;
    throw new Error(`${folder}/settings.json: ${where.join('.')}: ${message}`);
  }

  /** Makes the folder of a new run; of one that goes on, drops the rows after its last checkpoint. */
  async begin(settings: RunSettings, step: number): Promise<void> {
    await mkdir(this.path, { recursive: true });
    await this.write('settings.json', settings);
    for (const log of LOGS) {
      const kept = (await this.lines(log)).filter((row) => isRowUpTo(row, step));
      await this.replace(log, kept.map((row) => `${row}\n`).join(''));
    }
  }

  async append<T extends { step: number }>(log: Log, row: T): Promise<void> {
    await appendFile(this.file(log), `${JSON.stringify(row)}\n`);
  }

  async rows<T extends { step: number }>(log: Log): Promise<T[]> {
    return (await this.lines(log)).map((row) => JSON.parse(row) as T);
  }

  /** Writes a JSON file, complete or absent. */
  write(name: string, value: unknown): Promise<void> {
    return this.replace(name, `${JSON.stringify(value, null, 2)}\n`);
  }

  /** What `write` wrote; `undefined` where there is no such file. */
  async read(name: string): Promise<unknown> {
    const content = await this.content(name);
    if (content === undefined) return undefined;
    try {
      return JSON.parse(content);
    } catch (cause) {
      throw new Error(`${this.file(name)} is damaged: ${(cause as Error).message}`, { cause });
    }
  }

  private file(name: string): string {
    return path.join(this.path, name);
  }

  private async content(name: string): Promise<string | undefined> {
    try {
      return await readFile(this.file(name), 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw cause;
    }
  }

  private async lines(log: Log): Promise<string[]> {
    return ((await this.content(log)) ?? '').split('\n').filter((line) => line !== '');
  }

  private async replace(name: string, content: string): Promise<void> {
    const file = this.file(name);
    await writeFile(`${file}.writing`, content);
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
