// Prompt templates: sentences that a label is put into, for training on labels and for classifying.

import { readFile } from 'node:fs/promises';

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
