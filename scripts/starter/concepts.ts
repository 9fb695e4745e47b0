// The concepts that the starter model learns: every emoji with its names, keywords and group. No pictures.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Vendor } from './sources';

/** The languages that captions are taken from, as CLDR names them; the first gives the name that evaluation asks for. */
export const languages: readonly string[] = ['en'];

export interface Concept {
  /** Code points in hexadecimal without the variation selector fe0f, e.g. `1f408-200d-2b1b`. */
  id: string;
  /** What people call it, one entry a language; `languages[0]` is first. */
  words: { language: string; name: string; keywords: string[] }[];
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

/** What a picture is used for; each split is one JSONL file of that name. */
export type Split =
  'train' | 'validation' | 'heldout-vendor' | 'heldout-outlines' | 'heldout-concepts';

const HELD_OUT_SHARE = 0.1;
const VALIDATION_SHARE = 0.04;
const SEED = 'bifocal starter 1';
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

/** The split that a vendor's drawing of a concept belongs to; validation is drawn picture by picture. */
export function splitOf(concept: Concept, vendor: Vendor): Split {
  if (vendor.heldOut) return vendor.heldOut;
  if (concept.heldOut) return 'heldout-concepts';
  return draw(`${vendor.name} ${concept.id}`) < VALIDATION_SHARE ? 'validation' : 'train';
}

/** A number in [0, 1) that depends on the key and the seed alone. */
function draw(key: string): number {
  return createHash('sha256').update(`${SEED} ${key}`).digest().readUInt32BE(0) / 2 ** 32;
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
    languages.map(async (language) => ({ language, of: await readAnnotations(file, language) })),
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
      return name ? [{ language, name: readable(name), keywords: clean(keywords, name) }] : [];
    });
    const id = conceptId(entry.hexcode);
    const subgroup = groups.subgroups[String(entry.subgroup)] ?? '';
    return { id, words, subgroup, heldOut: isHeldOut(id) };
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

/** "flag: France" → "flag of France"; other colons list parts: "family: man, boy" → "family, man, boy". */
function readable(name: string): string {
  return name.replace(/^flag: /, 'flag of ').replace(': ', ', ');
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
