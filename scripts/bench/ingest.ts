// `npm run bench:ingest`: pictures a second from folder to catalog, against what limits them: the model's
// bare session where encoding does, libvips alone where decoding does. Both meet the same machine in
// turn, so that the ratios count.

import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { openCatalog } from '#catalog';
import { config } from '#config';
import { ingest } from '#ingest';
import { createModel, loadDualEncoder, type DualEncoder } from '#model';
import { openPicture } from '#picture';
import { resized } from '#preprocess';
import { jsonOption, Output } from '../output';
import { copiesOf, photographs } from './photographs';
import { SIZES } from './sizes';
import { inTemporaryFolder } from './temporary-folder';
import { unchangedFiles } from './unchanged';

interface Flags {
  pictures: number;
  rounds: number;
  unchanged: number;
  json?: boolean;
}

/** Images a second, and milliseconds of the processor's time an image: what else it does counts less. */
interface Rate {
  perSecond: number;
  processorMs: number;
}

/** Medians, and of the ratios of rounds. */
interface Comparison {
  bare: Rate;
  ingest: Rate;
  ratio: number;
  /** Of the processor's time: what ingest would reach if no core ever waited. */
  processorRatio: number;
}

interface Figures {
  pictures: number;
  /** ViT-B/32 with random weights: the session alone, and ingest. */
  encoding: Comparison;
  /** The starter model: libvips alone on all cores, and ingest. */
  decoding: Comparison;
  /** Peak resident memory of a run over a folder, and over one four times as large, in MB. */
  memory: { once: number; fourTimes: number };
  /** A run that finds nothing new. */
  unchanged: { files: number; seconds: number };
}

const whole = (value: string) => Number.parseInt(value, 10);

const command = new Command('bench:ingest')
  .description('speed and memory of ingest, against the bare session and against libvips alone')
  .option('--pictures <n>', 'photographs of 1024 × 768', whole, 256)
  .option('--rounds <n>', 'measurements of each, of which the median counts', whole, 3)
  .option('--unchanged <n>', 'files that a second run finds as they were', whole, 100_000)
  .addOption(jsonOption())
  .action(async (flags: Flags) => {
    const output = new Output(flags.json === true);
    output.result(await inTemporaryFolder((folder) => measure(flags, folder, output)), human);
  });

async function measure(flags: Flags, folder: string, output: Output): Promise<Figures> {
  const { pictures, rounds } = flags;
  const [photos, large, model] = ['photos', 'four-times', 'model'].map((name) =>
    path.join(folder, name),
  ) as [string, string, string];
  output.note('making photographs and a model');
  await photographs(photos, pictures);
  await copiesOf(photos, large, 4);
  const tokenizer = path.join(config().root, 'models', 'starter');
  await createModel(model, { config: SIZES['b32']!, tokenizer });

  output.note('encoding, in turn with the bare session');
  const encoder = await loadDualEncoder(model, { waitAsleep: true });
  const encoding = await compare(photos, encoder, rounds, () => bareSession(encoder, photos));
  await encoder.dispose();
  output.note('decoding, in turn with libvips alone');
  const starter = await loadDualEncoder('starter', { waitAsleep: true });
  const decoding = await compare(photos, starter, rounds, () => bareDecoding(starter, photos));
  output.note(
    `a run over ${flags.unchanged} unchanged files, and the memory of runs over both folders`,
  );
  const unchanged = await unchangedFiles(starter, flags.unchanged);
  await starter.dispose();
  const memory = { once: peakMemory(photos), fourTimes: peakMemory(large) };
  return { pictures, encoding, decoding, memory, unchanged };
}

/** Both, measured in turn. */
async function compare(
  photos: string,
  encoder: DualEncoder,
  rounds: number,
  bare: () => Promise<Rate>,
): Promise<Comparison> {
  const pairs: { alone: Rate; ours: Rate }[] = [];
  await bare();
  for (let round = 0; round < rounds; round++) {
    pairs.push({ alone: await bare(), ours: await wholeRun(encoder, photos) });
  }
  const rate = (side: 'alone' | 'ours'): Rate => ({
    perSecond: median(pairs.map((pair) => pair[side].perSecond)),
    processorMs: median(pairs.map((pair) => pair[side].processorMs)),
  });
  return {
    bare: rate('alone'),
    ingest: rate('ours'),
    ratio: median(pairs.map(({ alone, ours }) => ours.perSecond / alone.perSecond)),
    processorRatio: median(pairs.map(({ alone, ours }) => alone.processorMs / ours.processorMs)),
  };
}

async function rateOf(images: number, work: () => Promise<unknown>): Promise<Rate> {
  const start = performance.now();
  const processor = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(processor);
  const seconds = (performance.now() - start) / 1000;
  return { perSecond: images / seconds, processorMs: (user + system) / 1000 / images };
}

/** From an empty catalog to a full one. */
async function wholeRun(encoder: DualEncoder, photos: string): Promise<Rate> {
  const { length } = await paths(photos);
  return inTemporaryFolder(async (home) => {
    const catalog = await openCatalog(path.join(home, 'bifocal.db'));
    const rate = await rateOf(length, () => ingest([photos], { catalog, model: encoder }));
    await catalog.close();
    return rate;
  });
}

/** The image tower, on batches of the size that ingest has, decoded before. */
async function bareSession(encoder: DualEncoder, photos: string): Promise<Rate> {
  const files = (await paths(photos)).slice(0, 128);
  const pixels = await Promise.all(files.map((file) => encoder.preprocess(file)));
  return rateOf(pixels.length, async () => {
    for (let at = 0; at < pixels.length; at += 32) {
      await encoder.encodePixels(pixels.slice(at, at + 32));
    }
  });
}

/** libvips, as many pictures at once as it takes: to the model's size, and no further. */
async function bareDecoding(encoder: DualEncoder, photos: string): Promise<Rate> {
  const files = await paths(photos);
  const decode = async () => {
    for (let file = files.pop(); file; file = files.pop()) {
      await resized(await openPicture(file), encoder.preprocessing);
    }
  };
  const lanes = Array.from({ length: 2 * os.availableParallelism() }, () => decode);
  return rateOf(files.length, () => Promise.all(lanes.map((lane) => lane())));
}

async function paths(folder: string): Promise<string[]> {
  return (await readdir(folder)).map((name) => path.join(folder, name));
}

/** Of a process of its own that takes in the folder, in MB. */
function peakMemory(photos: string): number {
  const script = path.join(import.meta.dirname, 'ingest-memory.ts');
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script, photos], {
    encoding: 'utf8',
  });
  const kilobytes = Number(stdout);
  if (!(kilobytes > 0)) throw new Error(`ingest-memory.ts: ${stderr.trim()}`);
  return kilobytes / 1024;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function human({ pictures, encoding, decoding, memory, unchanged }: Figures): string {
  const share = ({ bare, ingest: ours, ratio, processorRatio }: Comparison, what: string) =>
    `${ours.perSecond.toFixed(1)} images/s, ${what} ${bare.perSecond.toFixed(1)}: ${percent(ratio)}; ` +
    `processor ${ours.processorMs.toFixed(1)} ms an image, ${what} ${bare.processorMs.toFixed(1)}: ${percent(processorRatio)}`;
  return [
    `${pictures} photographs of 1024 × 768`,
    `ViT-B/32   ${share(encoding, 'the bare session')}`,
    `starter    ${share(decoding, 'decoding alone')}`,
    `memory     ${memory.once.toFixed(0)} MB at most, four times the pictures ${memory.fourTimes.toFixed(0)} MB`,
    `unchanged  ${unchanged.files} files in ${unchanged.seconds.toFixed(1)} s`,
  ].join('\n');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

await command.parseAsync();
