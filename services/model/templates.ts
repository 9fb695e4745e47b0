// Prompt templates: sentences that a label is put into, and the embedding of a label over several.

import { readFile } from 'node:fs/promises';
import type { DualEncoder } from './encoder';

/** Where the label goes. */
const SLOT = '{}';

/**
 * The seven templates that Radford et al. (2021) found to do as well as their eighty, after the label
 * in the plainest sentence of all.
 */
export const DEFAULT_TEMPLATES: readonly string[] = [
  'a photo of a {}.',
  'itap of a {}.',
  'a bad photo of the {}.',
  'a origami {}.',
  'a photo of the large {}.',
  'a {} in a video game.',
  'art of the {}.',
  'a photo of the small {}.',
];

/** `label` in the place that `template` leaves for it. */
export function fillTemplate(template: string, label: string): string {
  return template.replaceAll(SLOT, () => label);
}

/** Throws one line unless `template` has a place for a label. */
export function checkTemplate(template: string): string {
  if (!template.includes(SLOT)) {
    throw new Error(`the template “${template}” has no ${SLOT} for the label`);
  }
  return template;
}

/** Templates of a file, one a line; `default` means DEFAULT_TEMPLATES. */
export async function readTemplates(source: string): Promise<string[]> {
  if (source === 'default') return [...DEFAULT_TEMPLATES];
  const content = await readFile(source, 'utf8').catch((cause: Error) => {
    throw new Error(`templates ${source} cannot be read: ${cause.message}`, { cause });
  });
  const lines = content
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0) throw new Error(`${source} holds no templates`);
  return lines.map(checkTemplate);
}

function mean(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(vectors[0]!.length);
  for (const vector of vectors) vector.forEach((value, index) => (sum[index]! += value));
  const norm = Math.hypot(...sum);
  return sum.map((value) => value / norm);
}

/**
 * One L2-normalised embedding a label: the mean of its embeddings in all templates (Radford et al.
 * 2021, section 3.1.4). Without templates, the label as it stands.
 */
export async function encodeLabels(
  encoder: DualEncoder,
  labels: readonly string[],
  templates: readonly string[],
): Promise<Float32Array[]> {
  const sentences = templates.length === 0 ? [SLOT] : templates;
  const texts = labels.flatMap((label) => sentences.map((text) => fillTemplate(text, label)));
  const vectors = await encoder.encodeTexts(texts);
  const { length } = sentences;
  return labels.map((_, index) => mean(vectors.slice(index * length, (index + 1) * length)));
}
