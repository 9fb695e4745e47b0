// `npm run bench:train`: training steps of ours and of PyTorch's in turn, each in a process of its own.
// What counts are the ratios: both meet the same machine in the same minutes.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { Command, Option } from 'commander';
import { config } from '#config';
import { createModel } from '#model';
import { jsonOption, Output, table } from '../output';
import { Peer } from './peer';
import { operations, SIZES } from './sizes';
import { inTemporaryFolder } from './temporary-folder';
import type { Job } from './train-worker';

interface Flags {
  size: string;
  batchSize: number;
  microBatch: number;
  length: number;
  steps: number;
  threads: number;
  python: string;
  json?: boolean;
}

interface Figures {
  size: string;
  batch: number;
  length: number;
  threads: number;
  samplesPerSecond: number;
  gflops: number;
  /** GFLOP/s of ONNX Runtime's own Gemm at the shapes of the step, and our share of it. */
  gemmGflops: number;
  shareOfGemm: number;
  peakBytes: number;
  /** Resident memory at the end less that after the third step. */
  growthBytes: number;
  /** Of a step through the gradient cache, over one pass: 0.4 is 40 % more time. */
  cacheOverhead: number;
  pytorch: { samplesPerSecond: number; peakBytes: number } | { skipped: string };
  speedRatio: number | null;
  memoryRatio: number | null;
}

const whole = (value: string) => Number.parseInt(value, 10);

const command = new Command('bench:train')
  .description('training speed and memory on the CPU, against PyTorch where it is installed')
  .addOption(new Option('--size <name>', 'model').choices(Object.keys(SIZES)).default('b32'))
  .option('--batch-size <n>', 'pairs of a step', whole, 16)
  .option('--micro-batch <n>', 'pairs of a micro-batch of the gradient cache', whole, 4)
  .option('--length <n>', 'tokens of a caption', whole, 77)
  .option('--steps <n>', 'steps of each side', whole, 8)
  .option('--threads <n>', 'threads of each side', whole, 2)
  .option('--python <file>', 'Python with PyTorch', '/usr/bin/python3')
  .addOption(jsonOption())
  .action(async (flags: Flags) => {
    const output = new Output(flags.json === true);
    output.result(await inTemporaryFolder((folder) => measure(flags, folder, output)), human);
  });

/** Why there is no PyTorch to compare with; undefined where there is. */
function withoutTorch(python: string): string | undefined {
  const { status, error } = spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' });
  if (error) return `${python}: ${error.message}`;
  return status === 0 ? undefined : `${python} cannot import torch`;
}

function startOurs(model: string, flags: Flags, microBatch: number): Promise<Peer> {
  const { size, batchSize: batch, length, threads } = flags;
  const job: Job = { size, model, batch, microBatch, length, threads };
  const worker = path.join(import.meta.dirname, 'train-worker.ts');
  return Peer.start(process.execPath, ['--import', 'tsx', worker, JSON.stringify(job)]);
}

function startTorch({ size, batchSize, length, threads, python }: Flags): Promise<Peer> {
  const script = path.join(import.meta.dirname, 'train_pytorch.py');
  const numbers = [batchSize, length, threads].map(String);
  return Peer.start(python, [script, JSON.stringify(SIZES[size]), ...numbers]);
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Steps of each peer in turn. Seconds of each; the first step, which sets up memory, is left out. */
async function inTurn(
  peers: Peer[],
  rounds: number,
  each: (round: number) => Promise<void> | void = () => {},
): Promise<number[][]> {
  const seconds: number[][] = peers.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, peer] of peers.entries()) {
      const step = await peer.step();
      if (round > 0) seconds[index]!.push(step.seconds);
    }
    await each(round);
  }
  return seconds;
}

async function measure(flags: Flags, folder: string, output: Output): Promise<Figures> {
  const { size, batchSize: batch, length, steps, threads } = flags;
  output.note(`creating a model of size ${size}`);
  await createModel(folder, {
    config: SIZES[size],
    tokenizer: path.join(config().root, 'models', 'starter'),
  });
  const skipped = withoutTorch(flags.python);
  if (skipped !== undefined) output.note(`without PyTorch: ${skipped}`);
  const ours = await startOurs(folder, flags, batch);
  const torch = skipped === undefined ? await startTorch(flags) : undefined;

  let early = 0;
  const [own, other] = await inTurn(torch ? [ours, torch] : [ours], steps, async (round) => {
    output.progress(`step ${round} of ${steps}`);
    if (round === Math.min(2, steps)) early = (await ours.memory()).resident;
  });
  const { peak, resident } = await ours.memory();
  const torchPeak = await torch?.memory();
  await torch?.stop();
  const gemmGflops = await ours.gemm();

  const cache = await startOurs(folder, flags, flags.microBatch);
  const [whole, split] = await inTurn([ours, cache], Math.max(2, Math.ceil(steps / 2)), (round) =>
    output.progress(`gradient cache: step ${round}`),
  );
  await Promise.all([ours.stop(), cache.stop()]);

  const gflops = operations(SIZES[size]!, batch, length) / median(own!) / 1e9;
  return {
    size,
    batch,
    length,
    threads,
    samplesPerSecond: batch / median(own!),
    gflops,
    gemmGflops,
    shareOfGemm: gflops / gemmGflops,
    peakBytes: peak,
    growthBytes: resident - early,
    cacheOverhead: median(split!) / median(whole!) - 1,
    pytorch: torchPeak
      ? { samplesPerSecond: batch / median(other!), peakBytes: torchPeak.peak }
      : { skipped: skipped! },
    speedRatio: torch ? median(other!.map((seconds, round) => seconds / own![round]!)) : null,
    memoryRatio: torchPeak ? peak / torchPeak.peak : null,
  };
}

function human(figures: Figures): string {
  const { pytorch, speedRatio, memoryRatio } = figures;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  const compared =
    'skipped' in pytorch
      ? [['PyTorch', `skipped: ${pytorch.skipped}`]]
      : [
          ['samples/s of PyTorch', pytorch.samplesPerSecond.toFixed(2)],
          ['times PyTorch’s speed', speedRatio!.toFixed(2)],
          ['peak memory of PyTorch', gigabytes(pytorch.peakBytes)],
          ['times PyTorch’s memory', memoryRatio!.toFixed(2)],
        ];
  return table([
    ['size', `${figures.size}, batch ${figures.batch}, ${figures.length} tokens`],
    ['threads', String(figures.threads)],
    ['samples/s', figures.samplesPerSecond.toFixed(2)],
    ['GFLOP/s', figures.gflops.toFixed(0)],
    ['GFLOP/s of Gemm alone', figures.gemmGflops.toFixed(0)],
    ['share of Gemm', percent(figures.shareOfGemm)],
    ['peak memory', gigabytes(figures.peakBytes)],
    ['growth after warm-up', gigabytes(figures.growthBytes)],
    ['gradient cache', `${percent(figures.cacheOverhead)} over one pass`],
    ...compared,
  ]);
}

await command.parseAsync();
