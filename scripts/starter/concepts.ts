// The concepts that the starter model learns: every emoji with its names, keywords and group. No pictures.

import { readFile } from 'node:fs/promises';
import { draw } from './draw';
import queries from './gallery-queries.json' with { type: 'json' };
import { LANGUAGES, type Language } from './phrases';
import type { Vendor } from './sources';

export interface Concept {
  /** Code points in hexadecimal without the variation selector fe0f, e.g. `1f408-200d-2b1b`. */
  id: string;
  /** What people call it, one entry a language; English is first. */
  words: { language: Language; name: string; keywords: string[] }[];
  /** The Unicode subgroup, e.g. `food-fruit`. */
  subgroup: string;
  /** Held out: neither this concept nor another gender of it is ever trained on. */
  heldOut: boolean;
}

interface EmojibaseEntry {
  hexcode: string;
  emoji: string;
  label: string;
  tags?: string[];
  group?: number;
  subgroup?: number;
}
type Annotations = Record<string, { default?: string[]; tts?: string[] }>;

/** What a picture is used for; each split is one JSONL file of that name. Icons are trained on, later than the rest. */
export type Split =
  | 'train'
  | 'icons'
  | 'validation'
  | 'heldout-vendor'
  | 'heldout-outlines'
  | 'heldout-concepts'
  | 'heldout-clipart'
  | 'heldout-stamps';

const HELD_OUT_SHARE = 0.1;
/** What the queries of the sample gallery ask for is never held out: a newcomer meets it first. */
const wantedInGallery = new Set(Object.values(queries).flatMap((of) => Object.values(of).flat()));
/** Skin tones and hair colours on their own: parts of emoji, not concepts. */
const COMPONENTS = 2;

/** `1F408-200D-2B1B-FE0F` → `1f408-200d-2b1b`: the selector changes between vendors, the concept does not. */
export function conceptId(hexcode: string): string {
  return hexcode.toLowerCase().replaceAll(/-?fe0f/g, '');
}

/**
 * True for the tenth of the concepts kept from training. Man, woman and person of one concept
 * share a draw: "woman cook" would give "cook" away.
 */
export function isHeldOut(id: string): boolean {
  const genderless = id.replace(/^1f46[89](?=-200d)/, '1f9d1').replace(/-200d-264[02]$/, '');
  return draw(genderless) < HELD_OUT_SHARE;
}

/** The split that a vendor's drawing of a concept belongs to. */
export function splitOf(concept: Concept, vendor: Vendor): Split {
  if (vendor.heldOut && vendor.heldOut !== 'validation') return vendor.heldOut;
  if (concept.heldOut) return 'heldout-concepts';
  return vendor.heldOut ?? 'train';
}

/**
 * All concepts. Left out: skin tones (same drawing, other colour), drawings that only face the other
 * way, lone regional letters. Genders stay: vendors draw them apart and people ask for "woman
 * running".
 *
 * @param file gives the path of a file inside a fetched package (sources.ts).
 */
export async function readConcepts(file: (...parts: string[]) => string): Promise<Concept[]> {
  const entries: EmojibaseEntry[] = await readJson(file('emojibase-data/en/data.json'));
  const groups: { subgroups: Record<string, string> } = await readJson(
    file('emojibase-data/meta/groups.json'),
  );
  const annotations = await Promise.all(
    LANGUAGES.map(async (language) => ({ language, of: await readAnnotations(file, language) })),
  );
  const wanted = entries.filter(
    (entry) =>
      entry.group !== undefined &&
      entry.group !== COMPONENTS &&
      !entry.label.endsWith('facing right'),
  );
  return wanted.map((entry) => {
    const words = annotations.flatMap(({ language, of }) => {
      const found = of[entry.emoji] ?? of[entry.emoji.replaceAll('\u{fe0f}', '')];
      const fallback = language === 'en' ? { tts: [entry.label], default: entry.tags } : undefined;
      const name = (found ?? fallback)?.tts?.[0];
      const keywords = (found ?? fallback)?.default ?? [];
      return name
        ? [{ language, name: readable(name, language), keywords: clean(keywords, name) }]
        : [];
    });
    const id = conceptId(entry.hexcode);
    const subgroup = groups.subgroups[String(entry.subgroup)] ?? '';
    const heldOut = isHeldOut(id) && !wantedInGallery.has(words[0]?.name ?? '');
    return { id, words, subgroup, heldOut };
  });
}

async function readAnnotations(
  file: (...parts: string[]) => string,
  language: string,
): Promise<Annotations> {
  const plain: { annotations: { annotations: Annotations } } = await readJson(
    file('cldr-annotations-full/annotations', language, 'annotations.json'),
  );
  const derived: { annotationsDerived: { annotations: Annotations } } = await readJson(
    file('cldr-annotations-derived-full/annotationsDerived', language, 'annotations.json'),
  );
  return { ...derived.annotationsDerived.annotations, ...plain.annotations.annotations };
}

/** "flag: France" → "flag of France", in each language. */
const FLAGS: Record<Language, [label: RegExp, name: string]> = {
  en: [/^flag: /, 'flag of {}'],
  zh: [/^旗[::] ?/, '{}的旗帜'],
  es: [/^Bandera: /i, 'bandera de {}'],
  de: [/^Flagge: /, 'Flagge von {}'],
  fr: [/^drapeau\s?: /, 'drapeau de {}'],
  ja: [/^旗[::] ?/, '{}の旗'],
};

/** Flags by name; other colons list parts: "family: man, boy" → "family, man, boy". */
function readable(name: string, language: Language): string {
  const [label, flag] = FLAGS[language];
  if (label.test(name)) return flag.replace('{}', name.replace(label, ''));
  return name.replace(/\s?[::]\s?/, ', ');
}

function clean(keywords: string[], name: string): string[] {
  const known = new Set([name.toLowerCase()]);
  return keywords.filter((word) => {
    const key = word.toLowerCase();
    return !known.has(key) && known.add(key);
  });
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T;
}
