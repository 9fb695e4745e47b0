// `bifocal evaluate`: recall of a model on pairs of pictures and captions, both ways; or, as a probe,
// how well its embeddings tell labels apart.

import { Command, Option } from 'commander';
import { config } from '#config';
import { loadDualEncoder } from '#model';
import { Random } from '#random';
import {
  probe,
  rankPairs,
  readPairs,
  summarize,
  type Evaluation,
  type Pair,
  type Probe,
  type ProbeFigures,
} from '#training';
import { jsonOption, Output, table } from './output';
import { wholeNumber } from './whole-number';

interface Options {
  data: string;
  model: string;
  sample?: number;
  probe?: 'labels';
  device?: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  json?: boolean;
}

export const evaluate = new Command('evaluate')
  .description(
    'measure how well a model finds pictures by their captions, and captions by pictures',
  )
  .requiredOption('--data <source>', 'JSONL, CSV, TSV or COCO list, folder, or collection:NAME')
  .option('--model <name>', 'a name, a folder or a hub id', config().model)
  .option('--sample <number>', 'so many of the pictures, chosen at random', wholeNumber)
  .addOption(
    new Option(
      '--probe <what>',
      'fit a linear classifier of labels to the embeddings instead; the label of a picture is its ' +
        '`label`, else its caption',
    ).choices(['labels']),
  )
  .addOption(
    new Option('--device <name>', 'where to encode').choices(['auto', 'cpu', 'webgpu', 'cuda']),
  )
  .addOption(jsonOption())
  .action(async (options: Options) => {
    const output = new Output(options.json === true);
    const pairs = choose(await readPairs(options.data), options.sample);
    const { threads } = config();
    const device = options.device ?? config().device;
    const encoder = await loadDualEncoder(options.model, { device, threads });
    const onProgress = (done: number, total: number) =>
      output.progress(`encoding: ${done}/${total}`, { done, total });
    const report = (skipped: Probe['skipped']) => {
      for (const { image, reason } of skipped) output.note(`left out ${image}: ${reason}`);
    };
    try {
      if (options.probe === undefined) {
        const { ranks, skipped } = await rankPairs(encoder, pairs, onProgress);
        report(skipped);
        const model = { name: encoder.name, fingerprint: encoder.fingerprint };
        output.result({ ...summarize(ranks), skipped, model }, describeEvaluation);
      } else {
        const result = await probe(encoder, pairs, { threads, onProgress });
        report(result.skipped);
        output.result(result, describeProbe);
      }
    } finally {
      await encoder.dispose();
    }
  });

/** The same ones of the same pairs, so that models are measured on equal terms. */
function choose(pairs: Pair[], count = pairs.length): Pair[] {
  const order = new Random(1).permutation(pairs.length);
  return count >= pairs.length ? pairs : [...order.subarray(0, count)].map((at) => pairs[at]!);
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function withInterval(share: number, [low, high]: [number, number]): string {
  return `${percent(share)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
}

function describeEvaluation(evaluation: Evaluation): string {
  const row = (name: string, figures: Evaluation['textToImage']) => [
    name,
    ...(['r1', 'r5', 'r10'] as const).map((cut) =>
      withInterval(figures[cut], figures.interval[cut]),
    ),
    figures.mrr.toFixed(3),
    String(figures.medianRank),
  ];
  const { textToImage, imageToText, meanRecall, pairs } = evaluation;
  const rows = table([
    [`${pairs} pictures`, 'recall@1', 'recall@5', 'recall@10', 'MRR', 'median rank'],
    row('words → pictures', textToImage),
    row('picture → words', imageToText),
  ]);
  const mean = withInterval(meanRecall.value, meanRecall.interval);
  return `${rows}\nmean recall ${mean}; in brackets 95 % intervals`;
}

function describeProbe({ pictures, texts }: Probe): string {
  const row = (name: string, figures: ProbeFigures) => [
    name,
    withInterval(figures.accuracy, figures.interval),
    percent(figures.majority),
    `${figures.classes}`,
    `${figures.train}`,
    `${figures.test}`,
  ];
  return table([
    ['linear probe', 'accuracy', 'majority', 'labels', 'trained on', 'tested on'],
    row('pictures', pictures),
    ...(texts === null ? [] : [row('texts', texts)]),
  ]);
}
