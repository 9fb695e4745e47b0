// The captions of one picture in every language: names and keywords, sentences, the category, the colour.

import { categoryOf } from './categories';
import { namesColour } from './colours';
import type { Concept } from './concepts';
import { draw } from './draw';
import { colouredOf, sentencesOf, withArticle, type Language } from './phrases';

/**
 * Captions are drawn evenly from a picture's list, so that these numbers are the shares of the languages
 * and of what names the thing.
 */
const KEYWORDS: Record<Language, number> = { en: 5, zh: 4, es: 4, de: 4, fr: 3, ja: 3 };
const SENTENCES: Record<Language, number> = { en: 4, zh: 4, es: 4, de: 4, fr: 3, ja: 3 };
const JOINED = 2;

export interface Extras {
  /** The drawing's colour word, if it has one colour. */
  colour: string | undefined;
  /** Broader words (wordnet.ts). */
  broader: string[];
  /** Another English word for it: the first keyword that names a thing of its kind ("car" of "automobile"), if there is one. */
  otherName?: string | undefined;
}

/** All captions of one drawing, without repeats; its English name comes first. */
export function captionsOf(concept: Concept, extras: Extras): string[] {
  const own = concept.words.flatMap(({ language, name, keywords }) => {
    const pick = draw(`${concept.id} ${language}`);
    return [
      name,
      ...keywords.slice(0, KEYWORDS[language]),
      ...keywords.slice(0, JOINED).map((keyword) => `${name}, ${keyword}`),
      ...sentencesOf(language, name, SENTENCES[language], pick),
    ];
  });
  return [...new Set([...own, ...english(concept, extras), ...coloured(concept, extras)])];
}

/** What only English has data for: the category's everyday words and broader nouns. */
function english({ words, subgroup }: Concept, { broader }: Extras): string[] {
  const name = words[0]?.name ?? '';
  const { noun, phrases: ways } = categoryOf(subgroup, name);
  const face = subgroup.startsWith('face-') && !subgroup.startsWith('face-costume');
  const feelings = face ? (words[0]?.keywords ?? []).slice(0, 4) : [];
  return [
    noun,
    withArticle('en', noun),
    ...ways.slice(0, 2),
    ...broader.slice(0, 2),
    // "sad" and "face" are both keywords of a crying face: people ask for a sad face.
    ...feelings.filter((word) => word !== 'face').map((word) => `${word} face`),
  ];
}

/** The name, the category and the other name in the drawing's colour: people ask for a red car, not a red automobile. */
function coloured({ words, subgroup }: Concept, { colour, otherName }: Extras): string[] {
  const name = words[0]?.name ?? '';
  const category = categoryOf(subgroup, name);
  if (!colour || !category.coloured) return [];
  const nouns = [category.noun, ...(otherName === undefined ? [] : [otherName])];
  const english = nouns.flatMap((noun) => [
    `${colour} ${noun}`,
    withArticle('en', `${colour} ${noun}`),
  ]);
  const named = namesColour(name)
    ? []
    : words.flatMap((of) => colouredOf(of.language, of.name, colour) ?? []);
  return [...english, ...named];
}
