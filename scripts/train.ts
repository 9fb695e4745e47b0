// `bifocal train`: fine-tune a model on pairs of pictures and captions.

import path from 'node:path';
import { Command } from 'commander';
import { config } from '#config';
import {
  RunFolder,
  train as runTraining,
  type Evaluation,
  type RunSettings,
  type TrainProgress,
  type TrainReport,
} from '#training';
import { Output, table } from './output';
import { addTrainOptions, settingsOf, type TrainFlags } from './train-options';

export const train = addTrainOptions(
  new Command('train').description('fine-tune a model on your own pictures and captions'),
).action(async (options: TrainFlags) => {
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

async function openRun(flags: TrainFlags): Promise<{ run: RunFolder; settings: RunSettings }> {
  const runs = path.join(config().home, 'runs');
  if (flags.resume !== undefined) {
    const named = path.join(runs, flags.resume);
    return RunFolder.open(/[/\\]/.test(flags.resume) ? path.resolve(flags.resume) : named);
  }
  const settings = await settingsOf(flags);
  const name = new Date()
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z/g, '')
    .replace('T', '-');
  return { run: await RunFolder.create(path.join(runs, name), settings), settings };
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
