// The words of a training row: which of a picture's captions, in which template, without which words.

import type { Random } from '#random';

/** What is done to captions at random. */
export interface Words {
  /** Texts with a `{}` that captions are put into; none leaves them as they are. */
  templates: readonly string[];
  /** Share of its words that a caption loses. */
  dropout: number;
}

/** `count` random members of a list, different ones as far as there are enough. */
export function choose<T>(list: readonly T[], count: number, random: Random): T[] {
  const order = random.permutation(list.length);
  return Array.from({ length: count }, (_, index) => list[order[index % order.length]!]!);
}

/** The caption as this row says it. */
export function vary(caption: string, { templates, dropout }: Words, random: Random): string {
  const said = dropout === 0 ? caption : dropWords(caption, dropout, random);
  if (templates.length === 0) return said;
  return templates[random.below(templates.length)]!.replaceAll('{}', () => said);
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** Leaves out each word with a probability, but never all. Knows words where no spaces stand between. */
function dropWords(caption: string, share: number, random: Random): string {
  const parts = [...segmenter.segment(caption)];
  const words = parts.filter(({ isWordLike }) => isWordLike);
  if (words.length < 2) return caption;
  const dropped = new Set(words.filter(() => random.uniform() < share));
  if (dropped.size === words.length) dropped.delete(words[random.below(words.length)]!);
  if (dropped.size === 0) return caption;
  const kept = parts.filter((part) => !dropped.has(part)).map(({ segment }) => segment);
  return kept.join('').replaceAll(/\s+/g, ' ').trim();
}
