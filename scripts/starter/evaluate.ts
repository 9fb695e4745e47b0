// Measures the starter model, `npm run starter:evaluate`: recall on what it never saw, in every language, the
// gallery, time, and what a short fine-tune adds. Writes evaluation.json and the model card beside the model.
// `--model FOLDER` measures another; needs the data that starter:train builds, and builds it where it is missing.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { config } from '#config';
import { loadDualEncoder, type DualEncoder } from '#model';
import {
  rankPairs,
  RUN_DEFAULTS,
  RunFolder,
  summarize,
  train,
  type Evaluation,
  type RetrievalFigures,
} from '#training';
import { Output } from '../output';
import { modelCard } from './card';
import { recallByCoverage } from './coverage';
import type { Split } from './concepts';
import { draw } from './draw';
import type { Figures, FineTune, Recalls } from './figures';
import { askGallery } from './gallery-figures';
import { LANGUAGES } from './phrases';
import { readRows, type Row } from './rows';
import { timesOf } from './times';

/** Pairs of a foreign set that the short fine-tune learns from; the others of it are asked for. */
const TUNED_ON = 200;

const { home, root, threads } = config();
const folder = path.join(home, 'starter');
const output = new Output(false);
const { values } = parseArgs({ options: { model: { type: 'string' } } });
const model = path.resolve(values.model ?? path.join(root, 'models', 'starter'));

if (!existsSync(path.join(folder, 'heldout-stamps.jsonl'))) await import('./data');
const encoder = await loadDualEncoder(model, { threads });
/** The unseen vendor's pictures, embedded once. */
const vendor = new Map<string, Float32Array>();
const figures: Figures = {
  languages: await measureLanguages(encoder, 'heldout-vendor', vendor),
  coverage: await coverage(encoder, await read('heldout-vendor'), vendor),
  outlines: await measure(encoder, await read('heldout-outlines')),
  concepts: await measure(encoder, await read('heldout-concepts')),
  clipart: await measure(encoder, await read('heldout-clipart')),
  stamps: await measureLanguages(encoder, 'heldout-stamps'),
  gallery: await askGallery(encoder),
  times: await timesOf(model, await read('heldout-vendor').then((rows) => rows.slice(0, 50))),
  fineTunes: {
    'heldout-outlines': await fineTune('heldout-outlines'),
    'heldout-stamps': await fineTune('heldout-stamps'),
  },
  trainedOn: { ...(await counts('train')), ...(await counts('icons')) },
};
await encoder.dispose();
await writeFile(path.join(model, 'evaluation.json'), `${JSON.stringify(figures, null, 2)}\n`);
await writeFile(path.join(model, 'README.md'), modelCard(figures));
console.log(JSON.stringify(figures, null, 2));

/** Rows with whole paths. */
async function read(split: Split): Promise<Row[]> {
  const rows = await readRows(folder, split);
  return rows.map((row) => ({ ...row, image: path.join(folder, row.image) }));
}

/** `seen` keeps the pictures' embeddings for sets that share them. */
async function measure(
  of: DualEncoder,
  rows: Row[],
  seen = new Map<string, Float32Array>(),
): Promise<Recalls> {
  output.progress(`measuring on ${rows.length} pictures`);
  const { ranks } = await rankPairs(of, rows, () => {}, { kind: 'image', rows: seen });
  return recallsOf(summarize(ranks));
}

async function coverage(
  of: DualEncoder,
  rows: Row[],
  seen: Map<string, Float32Array>,
): Promise<Figures['coverage']> {
  const { ranks } = await rankPairs(of, rows, () => {}, { kind: 'image', rows: seen });
  const concepts = rows.map(({ concept }) => concept);
  const trained = await readRows(folder, 'train');
  const drawings = trained.filter(({ image }) => image.startsWith('pictures'));
  return recallByCoverage(
    concepts,
    ranks.textToImage.ranks,
    drawings.map(({ concept }) => concept),
  );
}

function recallsOf({ pairs, textToImage, imageToText }: Evaluation): Recalls {
  const direction = ({ r1, r5, r10, medianRank, chance, interval }: RetrievalFigures) => ({
    ...{ r1, r5, r10, medianRank },
    chance10: chance.r10,
    interval10: interval.r10,
  });
  return {
    pictures: pairs,
    textToImage: direction(textToImage),
    imageToText: direction(imageToText),
  };
}

/** A set asked in each language that it has words in. */
async function measureLanguages(
  of: DualEncoder,
  split: Split,
  seen = new Map<string, Float32Array>(),
): Promise<Figures['languages']> {
  const rows = await read(split);
  const languages: Figures['languages'] = {};
  for (const language of LANGUAGES) {
    const named = rows.flatMap((row) => {
      const name = row.names?.[language];
      return name === undefined ? [] : [{ ...row, captions: [name] }];
    });
    if (named.length > 0) languages[language] = await measure(of, named, seen);
  }
  return languages;
}

async function fineTune(foreign: Split): Promise<FineTune> {
  const rows = (await read(foreign)).sort((a, b) => draw(a.concept) - draw(b.concept));
  const others = rows.slice(TUNED_ON);
  const work = await mkdtemp(path.join(tmpdir(), 'bifocal-starter-'));
  try {
    const data = path.join(work, 'pairs.jsonl');
    const lines = rows.slice(0, TUNED_ON).map((row) => JSON.stringify(row) + '\n');
    await writeFile(data, lines.join(''));
    const started = performance.now();
    const report = await train(
      new RunFolder(path.join(work, 'run')),
      { ...RUN_DEFAULTS, model, data },
      {
        device: 'cpu',
        threads,
        checkpointSeconds: 600,
        onNote: () => {},
        onProgress: ({ phase, done, total }) => output.progress(`${phase} ${done}/${total}`),
      },
    );
    const seconds = Math.round((performance.now() - started) / 1000);
    const tuned = await loadDualEncoder(report.model, { threads });
    const after = await measure(tuned, others);
    await tuned.dispose();
    const base = await loadDualEncoder(model, { threads });
    const before = await measure(base, others);
    await base.dispose();
    return { pairs: TUNED_ON, seconds, before, after };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Pictures of a split by the folder that they are in: the vendor's, or the kind of scene. */
async function counts(split: Split): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { image } of await read(split)) {
    const of = path.relative(folder, path.dirname(image));
    found[of] = (found[of] ?? 0) + 1;
  }
  return found;
}
