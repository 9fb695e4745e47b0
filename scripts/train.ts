// `bifocal train`: fine-tune a model on pairs of pictures and captions.

import path from 'node:path';
import { Command } from 'commander';
import { config } from '#config';
import { readModelFolder } from '#model';
import { fastestDevice } from '#runtime';
import {
  dataReport,
  RunFolder,
  train as runTraining,
  type AskedSettings,
  type TrainProgress,
} from '#training';
import { describeDataReport } from './data-report';
import { Output, type Extent } from './output';
import { addTrainOptions, checkResume, settingsOf, type TrainFlags } from './train-options';
import { describeReport } from './train-report';

export const train = addTrainOptions(
  new Command('train').description('fine-tune a model on your own pictures and captions'),
).action(async (options: TrainFlags, command: Command) => {
  const output = new Output(options.json === true);
  if (options.dryRun === true) return dryRun(options, output);
  if (options.resume !== undefined) checkResume(command);
  const { run, settings } = await openRun(options);
  output.note(`run ${run.path}`);
  const stop = new AbortController();
  const interrupt = () => {
    output.note('stopping and saving … (again to stop at once)');
    stop.abort();
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const report = await runTraining(run, settings, {
    device: options.device ?? config().device,
    threads: config().threads,
    checkpointSeconds: 60,
    onProgress: (progress) => output.progress(describe(progress), extent(progress, run)),
    onNote: (line) => output.note(line),
    signal: stop.signal,
  });
  for (const { image, reason } of report.skipped) output.note(`skipped ${image}: ${reason}`);
  output.result(report, describeReport);
});

/** Looks at the data and takes a few steps; keeps nothing. */
async function dryRun(flags: TrainFlags, output: Output): Promise<void> {
  const settings = await settingsOf(flags);
  const { threads } = config();
  const { device } = await fastestDevice(flags.device ?? config().device, threads);
  const report = await dataReport(settings, await readModelFolder(settings.model), {
    decode: true,
    cost: { device, threads },
    onProgress: (done, total) =>
      output.progress(`looking at pictures: ${done}/${total}`, { done, total }),
  });
  output.result(report, describeDataReport);
}

/** A new run with the settings of the flags, or the one to go on with. */
async function openRun(flags: TrainFlags): Promise<{ run: RunFolder; settings: AskedSettings }> {
  const runs = path.join(config().home, 'runs');
  if (flags.resume !== undefined) {
    const named = path.join(runs, flags.resume);
    return RunFolder.open(/[/\\]/.test(flags.resume) ? path.resolve(flags.resume) : named);
  }
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+Z/g, '');
  // Runs that start in the same second are of different processes.
  const name = `${time.replace('T', '-')}-${process.pid}`;
  return { run: new RunFolder(path.join(runs, name)), settings: await settingsOf(flags) };
}

function extent({ done, total, ...detail }: TrainProgress, run: RunFolder): Extent {
  return { done, total, detail: { run: path.basename(run.path), ...detail } };
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
