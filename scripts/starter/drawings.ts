// Reads each vendor's drawings and renders them to small pictures. Knows packages' file formats; knows
// no captions.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { conceptId } from './concepts';
import { readFont } from './fonts';
import type { Vendor } from './sources';

/** One vendor's drawing of one concept: an SVG document or the bytes of a picture file. */
export interface Drawing {
  concept: string;
  /** Tells several of one vendor's drawings of a concept apart. */
  variant?: string | undefined;
  data: () => Promise<Buffer>;
}

interface IconifyIcon {
  body: string;
  left?: number;
  top?: number;
  width?: number;
  height?: number;
}
interface IconifySet {
  icons: Record<string, IconifyIcon>;
  aliases?: Record<string, { parent: string }>;
  width?: number;
  height?: number;
}
/** One icon of an Iconify set, by its name. */
interface NamedIcon {
  name: string;
  data: () => Promise<Buffer>;
}
type FileOf = (...parts: string[]) => string;

/** What tells which concept a vendor's drawing shows. */
export interface Known {
  /** All concepts' ids. */
  ids: readonly string[];
  /** From `readNames`: which concept an icon name means, for sets without code points. */
  names: ReadonlyMap<string, string>;
}

/** Side of the rendered pictures, in pixels: some room for cropping above the model's input. */
export const SIDE = 160;

/** All drawings of a vendor; some may show what is no concept. */
export async function readDrawings(vendor: Vendor, file: FileOf, known: Known): Promise<Drawing[]> {
  if (vendor.format === 'webp') return readWebpFolder(file(vendor.package, 'assets'));
  if (vendor.format === 'font') return readFont(file(vendor.package, vendor.font!), known.ids);
  return readIconify(vendor, file, known);
}

async function readWebpFolder(folder: string): Promise<Drawing[]> {
  const files = (await readdir(folder)).sort();
  return files.map((name) => ({
    concept: conceptId(path.parse(name).name),
    data: () => readFile(path.join(folder, name)),
  }));
}

async function readIconify(vendor: Vendor, file: FileOf, { names }: Known): Promise<Drawing[]> {
  const set = await readJson<IconifySet>(file(vendor.package, 'icons.json'));
  const codes = await readJson<Record<string, string>>(
    file(vendor.codePoints ?? vendor.package, 'chars.json'),
  );
  const coded = Object.entries(codes).map(([hex, name]) => ({ name, concept: conceptId(hex) }));
  const named = Object.keys(set.icons).map((name) => ({
    name,
    ...meaningOf(vendor, name, names),
  }));
  const all: ({ name: string } & Meaning)[] = coded.length > 0 ? coded : named;
  return all.flatMap(({ name, concept, variant }) => {
    const icon = set.icons[name] ?? set.icons[set.aliases?.[name]?.parent ?? ''];
    return icon && concept
      ? [{ concept, variant, data: () => Promise.resolve(toSvg(icon, set)) }]
      : [];
  });
}

type Meaning = Pick<Drawing, 'variant'> & { concept: string | undefined };

/** The concept that an icon's name means; of "baby-1" and "baby-2" the same, in two variants. */
function meaningOf(vendor: Vendor, name: string, names: Known['names']): Meaning {
  const corrected = corrections[vendor.name]?.[name];
  if (corrected !== undefined) return { concept: corrected };
  if (vendor.format === 'iconify-flags') return { concept: flagId(name) };
  const concept = names.get(squash(name));
  const [, plain, variant] = /^(.+)-(\d)$/.exec(name) ?? [];
  return concept || !plain ? { concept } : { concept: names.get(squash(plain)), variant };
}

/** All icons of an Iconify JSON file, in its order. */
export async function readIcons(path: string): Promise<NamedIcon[]> {
  const set = await readJson<IconifySet>(path);
  return Object.entries(set.icons).map(([name, icon]) => ({
    name,
    data: () => Promise.resolve(toSvg(icon, set)),
  }));
}

/** `fr` or `fr-4x3` → the two regional letters of 🇫🇷; `gb-sct` → the black flag tagged "gbsct". */
export function flagId(name: string): string | undefined {
  const [, country, region] = /^([a-z]{2})(?:-(eng|sct|wls))?(?:-4x3)?$/.exec(name) ?? [];
  if (!country) return undefined;
  const letters = (text: string, first: number) =>
    [...text].map((c) => (first + c.charCodeAt(0) - 'a'.charCodeAt(0)).toString(16));
  return region
    ? ['1f3f4', ...letters(country + region, 0xe0061), 'e007f'].join('-')
    : letters(country, 0x1f1e6).join('-');
}

/**
 * Firefox OS names its animal heads plainly and the whole animals "side"; among the round flags some
 * two letters are a language (Arabic, Ido, Latin), not a country.
 */
const corrections: Record<string, Record<string, string>> = {
  'circle-flags': { ar: '', io: '', la: '' },
  fxemoji: {
    bunny: '1f430',
    cat: '1f431',
    catside: '1f408',
    dog: '1f436',
    dogside: '1f415',
    leopardside: '1f406',
    mouse: '1f42d',
    mouseside: '1f401',
    pig: '1f437',
    pigside: '1f416',
    tiger: '1f42f',
    tigerside: '1f405',
  },
};

/**
 * Which concept a name means: names that other sets give next to code points, CLDR labels and
 * Unicode names, letters and digits only. A name that means two concepts means none.
 */
export async function readNames(file: FileOf): Promise<Map<string, string>> {
  const pairs: [string, string][] = [];
  for (const name of ['noto', 'twemoji', 'fluent-emoji-flat']) {
    const codes = await readJson<Record<string, string>>(file('@iconify-json', name, 'chars.json'));
    for (const [hex, icon] of Object.entries(codes)) pairs.push([icon, hex]);
  }
  const labels = await readJson<{ label: string; hexcode: string }[]>(
    file('emojibase-data/en/data.json'),
  );
  for (const { label, hexcode } of labels) {
    pairs.push([label, hexcode], [label.replace(/^flag:/, 'flag for'), hexcode]);
  }
  const unicode = await readJson<Record<string, string>>(
    file('emojibase-data/meta/unicode-names.json'),
  );
  for (const [hexcode, name] of Object.entries(unicode)) pairs.push([name, hexcode]);

  const meaning = new Map<string, Set<string>>();
  for (const [name, hex] of pairs) {
    const key = squash(name);
    meaning.set(key, (meaning.get(key) ?? new Set()).add(conceptId(hex)));
  }
  return new Map(
    [...meaning].flatMap(([name, ids]): [string, string][] =>
      ids.size === 1 ? [[name, [...ids][0] ?? '']] : [],
    ),
  );
}

/** WebP of SIDE × SIDE with the background left transparent, so that training can put any behind it. */
export async function render(drawing: Buffer): Promise<Buffer> {
  return sharp(drawing)
    .resize(SIDE, SIDE, { fit: 'contain', background: { r: 255, g: 255, b: 255, alpha: 0 } })
    .webp({ quality: 90, alphaQuality: 100, effort: 2 })
    .toBuffer();
}

function toSvg(icon: IconifyIcon, set: IconifySet): Buffer {
  const width = icon.width ?? set.width ?? 16;
  const height = icon.height ?? set.height ?? 16;
  const box = [icon.left ?? 0, icon.top ?? 0, width, height].join(' ');
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ` +
      `width="${SIDE}" height="${SIDE}" viewBox="${box}" color="black">${icon.body}</svg>`,
  );
}

/** Letters and digits only, in lower case. */
export function squash(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T;
}
