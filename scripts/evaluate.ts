// `bifocal evaluate`: recall of a model on pairs of pictures and captions, both ways.

import { Command, Option } from 'commander';
import { config } from '#config';
import { loadDualEncoder } from '#model';
import { evaluate as evaluatePairs, readPairs, type Evaluation } from '#training';
import { jsonOption, Output, table } from './output';

interface Options {
  data: string;
  model: string;
  device?: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  json?: boolean;
}

export const evaluate = new Command('evaluate')
  .description(
    'measure how well a model finds pictures by their captions, and captions by pictures',
  )
  .requiredOption('--data <source>', 'JSONL, CSV, TSV or COCO list, folder, or collection:NAME')
  .option('--model <name>', 'a name, a folder or a hub id', config().model)
  .addOption(
    new Option('--device <name>', 'where to encode').choices(['auto', 'cpu', 'webgpu', 'cuda']),
  )
  .addOption(jsonOption())
  .action(async (options: Options) => {
    const output = new Output(options.json === true);
    const pairs = await readPairs(options.data);
    const encoder = await loadDualEncoder(options.model, {
      device: options.device ?? config().device,
      threads: config().threads,
    });
    try {
      const result = await evaluatePairs(encoder, pairs, (done, total) =>
        output.progress(`encoding: ${done}/${total}`),
      );
      output.result(result, human);
    } finally {
      await encoder.dispose();
    }
  });

function human(evaluation: Evaluation): string {
  const row = (name: string, { r1, r5, r10, mrr, medianRank }: Evaluation['textToImage']) => [
    name,
    ...[r1, r5, r10].map((share) => `${(100 * share).toFixed(1)} %`),
    mrr.toFixed(3),
    String(medianRank),
  ];
  return table([
    [`${evaluation.pairs} pictures`, 'recall@1', 'recall@5', 'recall@10', 'MRR', 'median rank'],
    row('words → pictures', evaluation.textToImage),
    row('picture → words', evaluation.imageToText),
  ]);
}
