// The captions of one picture: names and keywords, then phrases made from them, the category and the colour.

import { categoryOf } from './categories';
import { namesColour } from './colours';
import type { Concept } from './concepts';

/** Keywords that are joined to the name in one caption, so that about half of all captions name the thing. */
const JOINED = 5;

export interface Extras {
  /** The drawing's colour word, if it has one colour. */
  colour: string | undefined;
  /** Broader words (wordnet.ts). */
  broader: string[];
}

/**
 * All captions of one drawing, without repeats. The name comes first, then the keywords; a trainer
 * that samples evenly sees the name in about half of what it draws.
 */
export function captionsOf(concept: Concept, extras: Extras): string[] {
  const own = concept.words.flatMap(({ name, keywords }) => [
    name,
    ...keywords,
    ...keywords.slice(0, JOINED).map((keyword) => `${name}, ${keyword}`),
  ]);
  const name = concept.words[0]?.name ?? '';
  const keywords = concept.words[0]?.keywords ?? [];
  return [...new Set([...own, ...phrases(name, keywords, concept.subgroup, extras)])];
}

/** English phrases: templates around the name, the category, and colour with noun. */
function phrases(name: string, keywords: string[], subgroup: string, extras: Extras): string[] {
  const { noun, phrases: ways, coloured } = categoryOf(subgroup, name);
  const face = subgroup.startsWith('face-') && !subgroup.startsWith('face-costume');
  const { colour, broader } = extras;
  return [
    `a picture of ${article(name)}`,
    `a drawing of ${article(name)}`,
    `${name} icon`,
    article(name),
    `${name}, ${noun}`,
    noun,
    article(noun),
    ...ways,
    ...broader,
    ...broader.slice(0, 2).map((word) => `${name}, ${word}`),
    // "sad" and "face" are both keywords of a crying face: people ask for a sad face.
    ...(face ? keywords.filter((word) => word !== 'face').map((word) => `${word} face`) : []),
    ...(colour && coloured ? [`${colour} ${noun}`, article(`${colour} ${noun}`)] : []),
    ...(colour && coloured && !namesColour(name) ? [`${colour} ${name}`] : []),
  ];
}

/** "apple" → "an apple"; plurals and names of places stay as they are. */
function article(phrase: string): string {
  if (/s$|^flag of|^[A-Z]/.test(phrase)) return phrase;
  return `${/^([aeio]|u(?!ni|s))/.test(phrase) ? 'an' : 'a'} ${phrase}`;
}
