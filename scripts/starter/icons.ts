// Icon sets as rows of the data set: things that no emoji shows, and more drawings of those that one does.

import { captionsOf } from './captions';
import type { Concept } from './concepts';
import type { Row } from './rows';
import { draw } from './draw';
import { readIcons, squash } from './drawings';
import { sentencesOf, withArticle } from './phrases';
import { iconSets, type IconSet } from './sources';
import type { WordNet } from './wordnet';

/** One icon with its row, not rendered yet. */
export interface Icon {
  row: Row;
  set: IconSet;
  data: () => Promise<Buffer>;
}

export interface Known {
  concepts: ReadonlyMap<string, Concept>;
  /** Which concept a name means (`readNames`). */
  names: ReadonlyMap<string, string>;
  wordnet: WordNet;
}

/** What a name ends with that says how it was drawn, or how often: "coffee-cup-2-flat". */
const MANNER = /(-(flat|duo|outline|line|twotone|alternate|fill|bold|\d+))+$/;

/**
 * The icons whose names are of things that WordNet knows, one of each name and set. What shows a concept that is held
 * out is left out.
 */
export async function readThings(
  file: (...parts: string[]) => string,
  known: Known,
): Promise<Icon[]> {
  const unseen = [...known.concepts.values()].filter(({ heldOut }) => heldOut);
  const forbidden = new Set(unseen.map(({ words }) => words[0]?.name.toLowerCase()));
  const found: Icon[] = [];
  for (const set of iconSets) {
    const seen = new Set<string>();
    for (const icon of await readIcons(file(set.package, 'icons.json'))) {
      const name = icon.name.replace(MANNER, '').replaceAll('-', ' ');
      const last = name.split(' ').at(-1)!;
      if (seen.has(name) || forbidden.has(name) || forbidden.has(last)) continue;
      seen.add(name);
      const row = rowOf(name, set, known);
      if (row) found.push({ set, data: icon.data, row });
    }
  }
  return found;
}

/** `undefined` where the name is not of a thing. */
function rowOf(name: string, set: IconSet, { concepts, names, wordnet }: Known): Row | undefined {
  const image = `icons/${set.name}/${name.replaceAll(' ', '-')}.webp`;
  const concept = concepts.get(names.get(squash(name)) ?? '');
  if (concept?.heldOut) return undefined;
  if (concept) {
    const broader = wordnet.broader(concept.words[0]?.name ?? '', concept.subgroup);
    return {
      image,
      concept: concept.id,
      captions: captionsOf(concept, { colour: undefined, broader }),
    };
  }
  const last = name.split(' ').at(-1)!;
  const kinds = wordnet.kindsOf(name) ?? (set.phrases ? wordnet.kindsOf(last) : undefined);
  if (!kinds) return undefined;
  const captions = [
    name,
    withArticle('en', name),
    ...sentencesOf('en', name, 3, draw(name)),
    ...(wordnet.kindsOf(last) ? [last] : []),
    ...kinds.slice(0, 2),
  ];
  return { image, concept: `icon ${name}`, captions: [...new Set(captions)] };
}
