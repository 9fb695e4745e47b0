// The options of `bifocal train`, in groups, and the run settings that they mean.

import path from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { config } from '#config';
import { readModelFolder, readTemplates } from '#model';
import {
  AUGMENTATIONS,
  buildObjective,
  RUN_DEFAULTS,
  runSettings,
  type AskedSettings,
} from '#training';
import { jsonOption, UsageError } from './output';

export interface TrainFlags {
  data?: string;
  validation?: string;
  holdout: number;
  test?: string;
  retention?: string;
  model: string;
  out?: string;
  epochs?: number;
  batchSize?: number;
  microBatch?: number;
  captionsPerPicture: number;
  loss?: string;
  labelSmoothing?: number;
  hardNegatives?: number;
  similar?: number;
  queue?: number;
  momentum?: number;
  selfSupervised?: string;
  selfSupervisedWeight?: number;
  freeze?: string;
  lora?: number;
  loraTargets?: string;
  lr?: number;
  lrText?: number;
  lrImage?: number;
  lrHead?: number;
  lrScale?: number;
  layerDecay?: number;
  ema?: number;
  warmup?: number;
  decay?: number;
  weightDecay: number;
  augment: string;
  flip?: boolean;
  templates?: string;
  wordDropout?: number;
  evaluateEvery?: number;
  patience?: number;
  seed: number;
  device?: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  resume?: string;
  dryRun?: boolean;
  json?: boolean;
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new InvalidArgumentError('not a number.');
  return value;
}

/** Declares the options, under headings. */
export function addTrainOptions(command: Command): Command {
  const { shape } = runSettings;
  return command
    .optionsGroup('Data:')
    .option('--data <source>', 'JSONL, CSV, TSV or COCO list, folder, or collection:NAME')
    .option(
      '--validation <source>',
      'pairs to choose step and blend by; without it a share of --data is held out',
    )
    .option('--holdout <share>', 'share of the pictures to hold out', number, RUN_DEFAULTS.holdout)
    .option(
      '--test <share or source>',
      'pairs that nothing is chosen by, measured once in the end: an honest figure',
    )
    .option('--retention <source>', 'a second set, on which recall must not get worse')
    .option('--dry-run', 'report on the data, time and memory; train nothing')

    .optionsGroup('Model:')
    .option('--model <name>', 'base model: a name, a folder or a hub id', config().model)
    .option('--out <folder>', 'where the tuned model goes (default: into the run)')
    .addOption(
      new Option('--freeze <tower>', 'the tower that keeps its weights').choices(['image', 'text']),
    )
    .option('--lora <rank>', 'train adapters of this rank in place of the weights', number)
    .option('--lora-targets <pattern>', 'what gets adapters: a regular expression over names')

    .optionsGroup('Loss:')
    .addOption(
      new Option(
        '--loss <name>',
        'what is minimised (default: siglip for SigLIP models, else infonce)',
      ).choices(shape.loss.options),
    )
    .option('--label-smoothing <share>', 'share of the target that goes to all alike', number)
    .option(
      '--hard-negatives <beta>',
      'how much more negatives weigh that are similar to the positive: exp(beta · cosine)',
      number,
    )
    .option('--queue <number>', 'past embeddings of momentum towers as further negatives', number)
    .option('--momentum <share>', 'what momentum towers keep a step (default: 0.99)', number)
    .addOption(
      new Option('--self-supervised <kind>', 'a loss between two views of each picture').choices(
        shape.selfSupervised.unwrap().shape.kind.options,
      ),
    )
    .option('--self-supervised-weight <number>', 'its weight beside --loss (default: 1)', number)

    .optionsGroup('Batches:')
    .option(
      '--epochs <number>',
      'times through the data (default: 10, up to 40 where pictures are few)',
      number,
    )
    .option('--batch-size <number>', 'pairs a step (default: 64, fewer where pictures are)', number)
    .option('--micro-batch <number>', 'pairs in memory at once; same gradients', number)
    .option(
      '--similar <number>',
      'pairs put together in a batch that the base model finds alike: harder negatives',
      number,
    )
    .option(
      '--captions-per-picture <number>',
      'captions of each picture in a step',
      number,
      RUN_DEFAULTS.captionsPerPicture,
    )
    .addOption(
      new Option('--augment <strength>', 'random views of the pictures')
        .choices(Object.keys(AUGMENTATIONS))
        .default(RUN_DEFAULTS.augmentation),
    )
    .option('--flip', 'mirror pictures at random (default: where no caption names a side or text)')
    .option('--no-flip', 'never mirror pictures')
    .option('--templates <file>', "lines with a {} for captions that are labels, or 'default'")
    .option('--word-dropout <share>', 'share of words that captions lose in training', number)

    .optionsGroup('Optimizer:')
    .option(
      '--lr <rate>',
      'peak learning rate (default: by the size of what is trained, 0.00001 to 0.001; adapters more)',
      number,
    )
    .option('--lr-text <rate>', 'of the text tower', number)
    .option('--lr-image <rate>', 'of the image tower', number)
    .option('--lr-head <rate>', 'of the projections', number)
    .option('--lr-scale <rate>', 'of the logit scale and bias', number)
    .option('--layer-decay <factor>', 'on the rate, from each layer to the one before it', number)
    .option('--ema <decay>', 'export averages of the weights, that keep this share a step', number)
    .option('--warmup <steps>', 'steps of linear warm-up (default: a tenth of the run)', number)
    .option('--decay <steps>', 'steps at the end over which the rate falls (default: all)', number)
    .option('--weight-decay <number>', 'decoupled weight decay', number, RUN_DEFAULTS.weightDecay)

    .optionsGroup('Run:')
    .option(
      '--evaluate-every <steps>',
      'steps between validations (default: an epoch, or a tenth of the run)',
      number,
    )
    .option('--patience <number>', 'stop after so many validations without a better one', number)
    .option('--seed <number>', 'of split, order and augmentation', number, RUN_DEFAULTS.seed)
    .addOption(
      new Option('--device <name>', 'where to train').choices(['auto', 'cpu', 'webgpu', 'cuda']),
    )
    .option('--resume <run>', 'go on with an interrupted run: its folder or its name')
    .addOption(jsonOption());
}

/** Flags of settings that are not spelt as their setting is. */
const FLAGS: Record<string, string> = {
  learningRate: '--lr',
  warmupSteps: '--warmup',
  decaySteps: '--decay',
  augmentation: '--augment',
  'lora.rank': '--lora',
  'selfSupervised.weight': '--self-supervised-weight',
  'rates.text': '--lr-text',
  'rates.image': '--lr-image',
  'rates.head': '--lr-head',
  'rates.scale': '--lr-scale',
};

function flagOf(setting: string): string {
  const kebab = setting.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return FLAGS[setting] ?? `--${kebab.replaceAll('.', '-')}`;
}

/** Paths are kept absolute, so that a run resumes from any folder. */
function absolute(source: string | undefined): string | undefined {
  return source === undefined || source.startsWith('collection:') ? source : path.resolve(source);
}

/** A share of the data, or another source. */
function testOf(test: string | undefined): string | number | undefined {
  return test !== undefined && Number.isFinite(Number(test)) ? Number(test) : absolute(test);
}

/** The loss that the base model was made with. */
async function defaultLoss(model: string): Promise<AskedSettings['loss']> {
  const { modelType } = (await readModelFolder(model)).config;
  return modelType.startsWith('siglip') ? 'siglip' : RUN_DEFAULTS.loss;
}

function check(flags: TrainFlags): asserts flags is TrainFlags & { data: string } {
  if (flags.data === undefined) throw new UsageError('train needs --data FILE (or --resume RUN)');
  if (flags.loraTargets !== undefined && flags.lora === undefined) {
    throw new UsageError('--lora-targets needs --lora RANK');
  }
  if (flags.selfSupervisedWeight !== undefined && flags.selfSupervised === undefined) {
    throw new UsageError('--self-supervised-weight needs --self-supervised KIND');
  }
  const measured = flags.validation !== undefined || flags.holdout > 0;
  if (!measured && (flags.patience !== undefined || flags.evaluateEvery !== undefined)) {
    throw new UsageError('--patience and --evaluate-every need --validation FILE or a --holdout');
  }
}

/** What a run that goes on can be told; all else stands in its settings. */
const RESUMABLE = ['resume', 'device', 'json'];

/** Throws UsageError where `--resume` is given with flags that it would not heed. */
export function checkResume(command: Command): void {
  const idle = command.options.find(
    (option) =>
      !RESUMABLE.includes(option.attributeName()) &&
      command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (idle === undefined) return;
  throw new UsageError(`--resume goes on with the run's own settings; leave out ${idle.long}`);
}

/** The settings of a new run. Throws UsageError, one line that names the flag at fault. */
export async function settingsOf(flags: TrainFlags): Promise<AskedSettings> {
  check(flags);
  const { lora, loraTargets, selfSupervised, selfSupervisedWeight, templates } = flags;
  const model = /^\.{1,2}[/\\]/.test(flags.model) ? path.resolve(flags.model) : flags.model;
  const rates = {
    text: flags.lrText,
    image: flags.lrImage,
    head: flags.lrHead,
    scale: flags.lrScale,
  };
  const parsed = runSettings.safeParse({
    model,
    data: absolute(flags.data),
    validation: absolute(flags.validation),
    test: testOf(flags.test),
    retention: absolute(flags.retention),
    holdout: flags.holdout,
    freeze: flags.freeze,
    lora: lora === undefined ? undefined : { rank: lora, targets: loraTargets },
    loss: flags.loss ?? (await defaultLoss(model)),
    labelSmoothing: flags.labelSmoothing,
    hardNegatives: flags.hardNegatives,
    queue: flags.queue,
    momentum: flags.momentum,
    selfSupervised:
      selfSupervised === undefined
        ? undefined
        : { kind: selfSupervised, weight: selfSupervisedWeight ?? 1 },
    epochs: flags.epochs,
    batchSize: flags.batchSize,
    microBatch: flags.microBatch,
    similar: flags.similar,
    captionsPerPicture: flags.captionsPerPicture,
    augmentation: flags.augment,
    flip: flags.flip,
    templates: templates === undefined ? undefined : await readTemplates(templates),
    wordDropout: flags.wordDropout,
    learningRate: flags.lr,
    rates: Object.values(rates).some((rate) => rate !== undefined) ? rates : undefined,
    layerDecay: flags.layerDecay,
    ema: flags.ema,
    warmupSteps: flags.warmup,
    decaySteps: flags.decay,
    weightDecay: flags.weightDecay,
    evaluateEvery: flags.evaluateEvery,
    patience: flags.patience,
    out: flags.out === undefined ? undefined : path.resolve(flags.out),
    seed: flags.seed,
  });
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new UsageError(`${flagOf(issue.path.join('.'))}: ${issue.message}`);
  }
  try {
    buildObjective(parsed.data);
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
  return parsed.data;
}
