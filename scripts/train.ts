// `bifocal train`: fine-tune a model on pairs of pictures and captions.

import path from 'node:path';
import { Command, Option } from 'commander';
import { config } from '#config';
import {
  AUGMENTATIONS,
  LOSSES,
  RUN_DEFAULTS,
  RunFolder,
  runSettings,
  train as runTraining,
  type Evaluation,
  type RunSettings,
  type TrainProgress,
  type TrainReport,
} from '#training';
import { jsonOption, Output, table, UsageError } from './output';

interface Options {
  data?: string;
  validation?: string;
  holdout: string;
  model: string;
  out?: string;
  epochs: string;
  batchSize: string;
  microBatch?: string;
  captionsPerPicture: string;
  lr: string;
  loss: string;
  freeze?: string;
  warmup?: string;
  weightDecay: string;
  augment: string;
  seed: string;
  device?: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  resume?: string;
  json?: boolean;
}

export const train = new Command('train')
  .description('fine-tune a model on your own pictures and captions')
  .option('--data <source>', 'JSONL, CSV, TSV or COCO list, folder, or collection:NAME')
  .option('--validation <source>', 'pairs to evaluate on; by default a share of --data is held out')
  .option('--holdout <share>', 'share of the pictures to hold out', String(RUN_DEFAULTS.holdout))
  .option('--model <name>', 'base model: a name, a folder or a hub id', config().model)
  .option('--out <folder>', 'where the tuned model goes (default: into the run)')
  .option('--epochs <number>', 'times through the data', String(RUN_DEFAULTS.epochs))
  .option('--batch-size <number>', 'pairs a step', String(RUN_DEFAULTS.batchSize))
  .option('--micro-batch <number>', 'pairs in memory at once; same gradients, less memory')
  .option(
    '--captions-per-picture <number>',
    'captions of each picture in a step',
    String(RUN_DEFAULTS.captionsPerPicture),
  )
  .option('--lr <rate>', 'peak learning rate', String(RUN_DEFAULTS.learningRate))
  .addOption(
    new Option('--loss <name>', 'what is minimised')
      .choices(Object.keys(LOSSES))
      .default(RUN_DEFAULTS.loss),
  )
  .addOption(
    new Option('--freeze <tower>', 'the tower that keeps its weights').choices(['image', 'text']),
  )
  .option('--warmup <steps>', 'steps of linear warm-up (default: a tenth of the run)')
  .option('--weight-decay <number>', 'decoupled weight decay', String(RUN_DEFAULTS.weightDecay))
  .addOption(
    new Option('--augment <strength>', 'random views of the pictures')
      .choices(Object.keys(AUGMENTATIONS))
      .default(RUN_DEFAULTS.augmentation),
  )
  .option('--seed <number>', 'seed of split, order and augmentation', String(RUN_DEFAULTS.seed))
  .addOption(
    new Option('--device <name>', 'where to train').choices(['auto', 'cpu', 'webgpu', 'cuda']),
  )
  .option('--resume <run>', 'go on with an interrupted run: its folder or its name')
  .addOption(jsonOption())
  .action(async (options: Options) => {
    const output = new Output(options.json === true);
    const { run, settings } = await openRun(options);
    output.note(`run ${run.path}`);
    const stop = new AbortController();
    const interrupt = () => {
      output.note('stopping after this step …');
      stop.abort();
    };
    process.once('SIGINT', interrupt);
    process.once('SIGTERM', interrupt);
    const report = await runTraining(run, settings, {
      device: options.device ?? config().device,
      threads: config().threads,
      out: options.out && path.resolve(options.out),
      checkpointSeconds: 60,
      onProgress: (progress) => output.progress(describe(progress)),
      signal: stop.signal,
    });
    for (const { image, reason } of report.skipped) output.note(`skipped ${image}: ${reason}`);
    output.result(report, human);
  });

async function openRun(options: Options): Promise<{ run: RunFolder; settings: RunSettings }> {
  const runs = path.join(config().home, 'runs');
  if (options.resume !== undefined) {
    const named = path.join(runs, options.resume);
    return RunFolder.open(/[/\\]/.test(options.resume) ? path.resolve(options.resume) : named);
  }
  if (options.data === undefined) throw new UsageError('train needs --data FILE (or --resume RUN)');
  const parsed = runSettings.safeParse({
    model: /^\.{1,2}[/\\]/.test(options.model) ? path.resolve(options.model) : options.model,
    data: absolute(options.data),
    validation: options.validation && absolute(options.validation),
    holdout: Number(options.holdout),
    epochs: Number(options.epochs),
    batchSize: Number(options.batchSize),
    microBatch: options.microBatch === undefined ? undefined : Number(options.microBatch),
    captionsPerPicture: Number(options.captionsPerPicture),
    learningRate: Number(options.lr),
    loss: options.loss,
    freeze: options.freeze,
    warmupSteps: options.warmup === undefined ? undefined : Number(options.warmup),
    weightDecay: Number(options.weightDecay),
    augmentation: options.augment,
    seed: Number(options.seed),
  });
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new UsageError(`train: ${issue.path.join('.')}: ${issue.message}`);
  }
  const name = new Date()
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z/g, '')
    .replace('T', '-');
  const run = await RunFolder.create(path.join(runs, name), parsed.data);
  return { run, settings: parsed.data };
}

/** Paths are kept absolute, so that a run resumes from any folder. */
function absolute(source: string): string {
  return source.startsWith('collection:') ? source : path.resolve(source);
}

function describe({ phase, done, total, ...more }: TrainProgress): string {
  if (phase === 'evaluate') return `evaluating: ${done}/${total} encoded`;
  const left = Math.round(more.secondsLeft!);
  const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
  return (
    `step ${done}/${total}  loss ${more.loss!.toFixed(4)}  ` +
    `${more.samplesPerSecond!.toFixed(1)} samples/s  ${time} left`
  );
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** Recalls both ways, before and after, as a table. */
function compare(before: Evaluation, after: Evaluation): string {
  const rows = (['textToImage', 'imageToText'] as const).flatMap((direction) =>
    ([1, 5, 10] as const).map((k) => [
      `${direction === 'textToImage' ? 'words → pictures' : 'picture → words'}, recall@${k}`,
      percent(before[direction][`r${k}`]),
      percent(after[direction][`r${k}`]),
    ]),
  );
  return table([[`${after.pairs} held-out pictures`, 'before', 'after'], ...rows]);
}

function human(report: TrainReport): string {
  const { steps, seconds, samplesPerSecond, loss, evaluation, model } = report;
  const speed = `${seconds.toFixed(0)} s, ${samplesPerSecond.toFixed(1)} samples/s`;
  return [
    `${steps} steps in ${speed}; loss ${loss.first.toFixed(3)} → ${loss.last.toFixed(3)}`,
    ...(evaluation ? [compare(evaluation.before, evaluation.after)] : []),
    `model: ${model}`,
  ].join('\n');
}
