// `bifocal classify`: which of some labels fits a picture best.

import { Command, InvalidArgumentError } from 'commander';
import { config } from '#config';
import { ImageError, loadDualEncoder, type DualEncoder } from '#model';
import { jsonOption, Output, table } from './output';

interface Options {
  image: string[];
  labels: string[];
  model: string;
  json?: boolean;
}

/** Labels of one picture, best first; the scores add up to 1. */
type Ranking = { label: string; score: number }[];

export const classify = new Command('classify')
  .description('say which of some labels fits a picture best')
  .requiredOption('--image <file...>', 'one or more pictures')
  .requiredOption('--labels <list>', 'labels, separated by commas', parseLabels)
  .option('--model <name>', 'a name, a folder or a hub id', config().model)
  .addOption(jsonOption())
  .action(async (options: Options) => {
    const output = new Output(options.json === true);
    const { device, threads } = config();
    const encoder = await loadDualEncoder(options.model, { device, threads });
    try {
      const labels = await encoder.encodeTexts(options.labels);
      const rankings: Record<string, Ranking> = {};
      for (const file of options.image)
        rankings[file] = rank(encoder, await embed(encoder, file), options.labels, labels);
      output.result(rankings, human);
    } finally {
      await encoder.dispose();
    }
  });

async function embed(encoder: DualEncoder, file: string): Promise<Float32Array> {
  try {
    const [embedding] = await encoder.encodeImages([file]);
    return embedding!;
  } catch (cause) {
    if (cause instanceof ImageError) throw new Error(`${file}: ${cause.message}`, { cause });
    throw cause;
  }
}

/** softmax(logitScale · cosine + logitBias) over the labels. */
function rank(
  encoder: DualEncoder,
  image: Float32Array,
  labels: string[],
  embeddings: Float32Array[],
): Ranking {
  const logits = embeddings.map((embedding) => {
    const cosine = embedding.reduce((sum, value, i) => sum + value * image[i]!, 0);
    return encoder.logitScale * cosine + encoder.logitBias;
  });
  const highest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - highest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return labels
    .map((label, i) => ({ label, score: weights[i]! / total }))
    .sort((a, b) => b.score - a.score);
}

function parseLabels(list: string): string[] {
  const labels = list
    .split(',')
    .map((label) => label.trim())
    .filter((label) => label !== '');
  if (labels.length === 0) throw new InvalidArgumentError('it names no label.');
  return labels;
}

function human(rankings: Record<string, Ranking>): string {
  return Object.entries(rankings)
    .map(([file, ranking]) => {
      const rows = ranking.map(({ label, score }) => [label, `${(100 * score).toFixed(1)} %`]);
      return `${file}\n${table(rows)}`;
    })
    .join('\n\n');
}
