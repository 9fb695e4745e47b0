// `npm run bench:ingest`: pictures a second from folder to catalog, against what limits them: the model's
// bare session where encoding does, libvips alone where decoding does. Both meet the same machine in
// turn, so that the ratios count.

import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { openCatalog } from '#catalog';
import { ingest } from '#ingest';
import { createModel, loadDualEncoder, type DualEncoder } from '#model';
import { openPicture } from '#picture';
import { resized } from '#preprocess';
import { jsonOption, Output } from '../output';
import { copiesOf, photographs } from './photographs';
import { SIZES } from './sizes';

interface Flags {
  pictures: number;
  rounds: number;
  json?: boolean;
}

interface Figures {
  pictures: number;
  /** ViT-B/32 with random weights: images a second of the session alone, and of ingest. */
  encoding: { bare: number; ingest: number; ratio: number };
  /** The starter model: images a second of libvips alone on all cores, and of ingest. */
  decoding: { bare: number; ingest: number; ratio: number };
  /** Peak resident memory of a run over a folder, and over one four times as large, in MB. */
  memory: { once: number; fourTimes: number };
  /** Files a second of a run that finds nothing new. */
  unchanged: number;
}

const whole = (value: string) => Number.parseInt(value, 10);

const command = new Command('bench:ingest')
  .description('speed and memory of ingest, against the bare session and against libvips alone')
  .option('--pictures <n>', 'photographs of 1024 × 768', whole, 256)
  .option('--rounds <n>', 'measurements of each, of which the median counts', whole, 3)
  .addOption(jsonOption())
  .action(async (flags: Flags) => {
    const output = new Output(flags.json === true);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'bifocal-bench-'));
    try {
      output.result(await measure(flags, folder, output), human);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

async function measure(flags: Flags, folder: string, output: Output): Promise<Figures> {
  const { pictures, rounds } = flags;
  const [photos, large, model] = ['photos', 'four-times', 'model'].map((name) =>
    path.join(folder, name),
  ) as [string, string, string];
  output.note('making photographs and a model');
  await photographs(photos, pictures);
  await copiesOf(photos, large, 4);
  await createModel(model, { config: SIZES['b32']!, tokenizer: 'starter' });

  output.note('encoding, in turn with the bare session');
  const encoder = await loadDualEncoder(model);
  const encoding = await compare(photos, encoder, rounds, () => bareSession(encoder, photos));
  await encoder.dispose();
  output.note('decoding, in turn with libvips alone');
  const starter = await loadDualEncoder('starter');
  const decoding = await compare(photos, starter, rounds, () => bareDecoding(starter, photos));
  output.note('a second run, and the memory of runs over both folders');
  const unchanged = await secondRun(starter, large);
  await starter.dispose();
  const memory = { once: peakMemory(photos), fourTimes: peakMemory(large) };
  return { pictures, encoding, decoding, memory, unchanged };
}

/** Medians of both, measured in turn. */
async function compare(
  photos: string,
  encoder: DualEncoder,
  rounds: number,
  bare: () => Promise<number>,
) {
  const pairs: [number, number][] = [];
  await bare();
  for (let round = 0; round < rounds; round++) {
    pairs.push([await bare(), await wholeRun(encoder, photos)]);
  }
  return {
    bare: median(pairs.map(([alone]) => alone)),
    ingest: median(pairs.map(([, ours]) => ours)),
    ratio: median(pairs.map(([alone, ours]) => ours / alone)),
  };
}

/** Images a second from an empty catalog to a full one. */
async function wholeRun(encoder: DualEncoder, photos: string): Promise<number> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'bifocal-bench-'));
  const catalog = await openCatalog(path.join(home, 'bifocal.db'));
  const { imagesPerSecond } = await ingest([photos], { catalog, model: encoder });
  await catalog.close();
  await rm(home, { recursive: true });
  return imagesPerSecond;
}

/** Files a second of the second of two runs. */
async function secondRun(encoder: DualEncoder, photos: string): Promise<number> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'bifocal-bench-'));
  const catalog = await openCatalog(path.join(home, 'bifocal.db'));
  await ingest([photos], { catalog, model: encoder });
  const { unchanged, seconds } = await ingest([photos], { catalog, model: encoder });
  await catalog.close();
  await rm(home, { recursive: true });
  return unchanged / seconds;
}

/** Images a second of the image tower, on batches of the size that ingest has, decoded before. */
async function bareSession(encoder: DualEncoder, photos: string): Promise<number> {
  const files = (await paths(photos)).slice(0, 128);
  const pixels = await Promise.all(files.map((file) => encoder.preprocess(file)));
  const start = performance.now();
  for (let at = 0; at < pixels.length; at += 32) {
    await encoder.encodePixels(pixels.slice(at, at + 32));
  }
  return (1000 * pixels.length) / (performance.now() - start);
}

/** Images a second of libvips, as many at once as it takes: to the model's size, and no further. */
async function bareDecoding(encoder: DualEncoder, photos: string): Promise<number> {
  const files = await paths(photos);
  const start = performance.now();
  await Promise.all(
    Array.from({ length: 2 * os.availableParallelism() }, async () => {
      for (let file = files.pop(); file; file = files.pop()) {
        await resized(await openPicture(file), encoder.preprocessing);
      }
    }),
  );
  return (1000 * (await paths(photos)).length) / (performance.now() - start);
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
  const share = ({ bare, ingest: ours, ratio }: Figures['encoding'], what: string) =>
    `${ours.toFixed(1)} images/s, ${what} ${bare.toFixed(1)}: ${(100 * ratio).toFixed(0)} %`;
  return [
    `${pictures} photographs of 1024 × 768`,
    `ViT-B/32   ${share(encoding, 'the bare session')}`,
    `starter    ${share(decoding, 'decoding alone')}`,
    `memory     ${memory.once.toFixed(0)} MB at most, four times the pictures ${memory.fourTimes.toFixed(0)} MB`,
    `unchanged  ${unchanged.toFixed(0)} files/s`,
  ].join('\n');
}

await command.parseAsync();
