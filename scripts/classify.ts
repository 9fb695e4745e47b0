// `bifocal classify`: which of some labels fits a picture best.

import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { config } from '#config';
import {
  checkTemplate,
  encodeLabels,
  ImageError,
  loadDualEncoder,
  readTemplates,
  type DualEncoder,
} from '#model';
import { jsonOption, Output, table, UsageError } from './output';

interface Options {
  image: string[];
  labels: string;
  template?: string[];
  model: string;
  json?: boolean;
}

/** Labels of one picture, best first; the scores add up to 1. */
type Ranking = { label: string; score: number }[];

export const classify = new Command('classify')
  .description('say which of some labels fits a picture best')
  .requiredOption('--image <file...>', 'one or more pictures')
  .requiredOption('--labels <list>', 'labels, separated by commas; or @FILE, one a line')
  .option(
    '--template <text...>',
    "sentences with a {} for the label, averaged; 'default' for CLIP's own (default: the bare label)",
  )
  .option('--model <name>', 'a name, a folder or a hub id', config().model)
  .addOption(jsonOption())
  .action(async (options: Options) => {
    const output = new Output(options.json === true);
    const { device, threads } = config();
    const labels = await readLabels(options.labels);
    const templates = await templatesOf(options.template ?? []);
    const encoder = await loadDualEncoder(options.model, { device, threads });
    try {
      const embeddings = await encodeLabels(encoder, labels, templates);
      const rankings: Record<string, Ranking> = {};
      for (const file of options.image)
        rankings[file] = rank(encoder, await embed(encoder, file), labels, embeddings);
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

/** Labels of a list or, with an @ before its name, of a file. */
async function readLabels(list: string): Promise<string[]> {
  const parts = list.startsWith('@') ? await linesOf(list.slice(1)) : list.split(',');
  const labels = parts.map((label) => label.trim()).filter((label) => label !== '');
  if (labels.length === 0) throw new UsageError(`--labels ${list} names no label`);
  return [...new Set(labels)];
}

async function linesOf(file: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n');
  } catch (cause) {
    throw new Error(`labels ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

async function templatesOf(given: string[]): Promise<string[]> {
  const lists = given.map((template) =>
    template === 'default' ? readTemplates(template) : [checked(template)],
  );
  return (await Promise.all(lists)).flat();
}

function checked(template: string): string {
  try {
    return checkTemplate(template);
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

function human(rankings: Record<string, Ranking>): string {
  return Object.entries(rankings)
    .map(([file, ranking]) => {
      const rows = ranking.map(({ label, score }) => [label, `${(100 * score).toFixed(1)} %`]);
      return `${file}\n${table(rows)}`;
    })
    .join('\n\n');
}
