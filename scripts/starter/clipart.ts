// Openclipart's drawings as Debian packages them: what their files say of themselves, cleaned. No pictures are made here.

import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { DOMParser } from '@xmldom/xmldom';

/** One drawing with words of its own. */
export interface ClipArt {
  /** Path below the collection's folder. */
  path: string;
  /** Absent where a title says nothing of the picture, or the same of many. */
  title: string | undefined;
  keywords: string[];
}

/** Folders of themes, of nearly the same shape again and again, and of flags, which other sets have. */
const LEFT_OUT =
  /^(shapes|buttons|computer\/(?!hardware)|special|logos|unsorted\/duplicates|signs_and_symbols\/(flags|led)|recreation\/games\/cards)\b/;

/** Larger files take seconds to draw. */
const MOST_BYTES = 1_000_000;

/** A title that more drawings have names their maker or their set. */
const MOST_SHARED = 3;

const NOISE =
  /hash|^0x|\d{2}|@|clip ?art|nicu|architetto|submission|sibmission|unsorted|_|symbol|^icon$|^menu$|mapsym|weathersym|musicstuff|svg|^sign$|^shape$|^various|inkscape|www|http|openclip/i;

/** Reads all of them, in the order of their paths. Only what is in the public domain comes back. */
export async function readClipArt(folder: string): Promise<ClipArt[]> {
  const names = (await readdir(folder, { recursive: true }))
    .filter((name) => name.endsWith('.svg') && !LEFT_OUT.test(name))
    .sort();
  const found: ClipArt[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    if ((await stat(file)).size > MOST_BYTES) continue;
    const words = describe(await readFile(file, 'utf8'));
    if (words) found.push({ path: name, ...words });
  }
  const shared = new Map<string, number>();
  for (const { title } of found) if (title) shared.set(title, (shared.get(title) ?? 0) + 1);
  return found
    .map((art) => ({
      ...art,
      title: (shared.get(art.title ?? '') ?? 0) > MOST_SHARED ? undefined : art.title,
    }))
    .filter(({ title, keywords }) => title !== undefined || keywords.length >= 2);
}

/** Title and keywords of a document's metadata; `undefined` where its licence is another. */
function describe(svg: string): { title: string | undefined; keywords: string[] } | undefined {
  const start = svg.indexOf('<metadata');
  const end = svg.indexOf('</metadata>');
  if (start < 0 || end < 0) return undefined;
  const work = parse(svg.slice(start, end + '</metadata>'.length));
  const licence = [...tags(work, 'license')].map((tag) => tag.getAttribute('rdf:resource') ?? '');
  if (!licence.some((name) => /publicdomain/i.test(name))) return undefined;
  const [title] = [...tags(work, 'title')].map((tag) => tag.textContent ?? '');
  const keywords = [...tags(work, 'li')].map((tag) => clean(tag.textContent ?? ''));
  return {
    title: clean(title ?? '') || undefined,
    keywords: [...new Set(keywords.filter((word) => word !== '' && !NOISE.test(word)))],
  };
}

/** Prefixes that a fragment uses and its document declared are declared again around it. */
function parse(fragment: string) {
  const prefixes = new Set([...fragment.matchAll(/[<\s/]([a-z]\w*):\w/g)].map(([, name]) => name));
  const declared = [...prefixes].filter((name) => name !== 'xmlns' && name !== 'xml');
  const spaces = declared.map((name) => `xmlns:${name}="${name}"`).join(' ');
  return new DOMParser({ onError: () => {} }).parseFromString(
    `<a ${spaces}>${fragment}</a>`,
    'text/xml',
  );
}

function tags(work: ReturnType<typeof parse>, name: string) {
  return work.getElementsByTagNameNS('*', name);
}

/** "Apple_01 (B and W)" → "apple" */
function clean(words: string): string {
  const plain = words
    .replaceAll(/[_\s]+/g, ' ')
    .replaceAll(/\(?\b(b and w|b&w|bw|black and white)\b\)?/gi, '')
    .replaceAll(/[\s#-]*\d+$/g, '')
    .replaceAll(/[^\p{L}\p{M}\p{N} ,'’:()&-]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toLowerCase();
  return plain.length > 1 && plain.length <= 60 && !NOISE.test(plain) ? plain : '';
}
