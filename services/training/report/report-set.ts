// What the data report says of one set: its rows, pictures and captions.

import type { Tokenizer } from '#model';
import { equalFiles, statPictures, type PictureFiles } from '../data/contents';
import { languageShares, type LanguageShare } from './languages';
import { lookAlikes, lookAt, type Looks } from './near';
import type { Source } from '../data/pairs';

/** Examples that a report lists. */
const LISTED = 20;

/** Captions that are tokenised before others get a turn on this thread. */
const CHUNK = 1000;

/** A number of things, and the first of them. */
export interface Listed<T> {
  count: number;
  first: T[];
}

export interface SetReport {
  source: string;
  rows: number;
  /** Rows that repeat another; pictures left out since nothing says their captions. */
  repeated: number;
  bare: number;
  pictures: number;
  captions: {
    count: number;
    different: number;
    perPicture: { least: number; mean: number; most: number };
  };
  /** Rows without a caption, by their places. */
  empty: Listed<string>;
  missing: Listed<{ image: string; reason: string }>;
  /** Groups of files with the same bytes; of each group all but one are joined to it. */
  equal: Listed<string[]>;
  /** `null` where the pictures were not decoded. */
  unreadable: Listed<{ image: string; reason: string }> | null;
  /** Pairs of different files that look alike. */
  lookAlikes: Listed<[string, string]> | null;
  /** Captions that several pictures have: true of each, so never negatives. */
  shared: Listed<{ caption: string; pictures: number }>;
  tokens: { mean: number; most: number; context: number };
  /** Captions that are cut, with the tokens they would take. */
  overlong: Listed<{ caption: string; tokens: number }>;
  languages: LanguageShare[];
}

/** A set looked at, and what comparing it with another needs. */
export interface SetFacts {
  report: SetReport;
  files: PictureFiles;
  images: string[];
  /** Tokens of each different caption. */
  tokens: ReadonlyMap<string, number>;
  looks: Looks | undefined;
  alike: [number, number][];
}

/** A list's length and its first members. */
export function listed<T>(items: readonly T[]): Listed<T> {
  return { count: items.length, first: items.slice(0, LISTED) };
}

function reasons(of: ReadonlyMap<string, string>) {
  return listed([...of].map(([image, reason]) => ({ image, reason })));
}

/** Looks at a set; with `onProgress` given, also into its pictures. */
export async function describeSet(
  source: Source,
  tokenizer: Tokenizer,
  onProgress?: (done: number, total: number) => void,
): Promise<SetFacts> {
  const images = source.pairs.map(({ image }) => image);
  const files = await statPictures(images);
  const there = images.filter((image) => files.sizes.has(image));
  const equal = await equalFiles(there, files.sizes);
  const looks = onProgress && (await lookAt(there, onProgress));
  const twins = new Set(equal.flatMap((group) => group.slice(1)));
  const alike = looks
    ? lookAlikes(looks).filter(([a, b]) => !twins.has(there[a]!) && !twins.has(there[b]!))
    : [];
  const tokens = await countTokens(source, tokenizer);
  const report = {
    source: source.name,
    rows: source.rows,
    repeated: source.repeated,
    bare: source.bare,
    pictures: images.length,
    empty: listed(source.uncaptioned),
    missing: reasons(files.missing),
    equal: listed(equal),
    unreadable: looks ? reasons(looks.unreadable) : null,
    lookAlikes: looks
      ? listed(alike.map(([a, b]): [string, string] => [there[a]!, there[b]!]))
      : null,
    ...(await describeCaptions(source, tokens, tokenizer.contextLength)),
  };
  return { report, files, images: there, tokens, looks, alike };
}

async function describeCaptions(
  { pairs }: Source,
  tokens: ReadonlyMap<string, number>,
  context: number,
) {
  const uses = pairs.flatMap(({ captions }) => captions);
  const counts = new Map<string, number>();
  for (const caption of uses) counts.set(caption, (counts.get(caption) ?? 0) + 1);
  const shared = [...counts].filter(([, count]) => count > 1).sort((a, b) => b[1] - a[1]);
  const each = pairs.map(({ captions }) => captions.length);
  const lengths = [...tokens.values()];
  const overlong = [...tokens].filter(([, count]) => count > context);
  return {
    captions: {
      count: uses.length,
      different: counts.size,
      perPicture: {
        least: each.reduce((least, count) => Math.min(least, count), each[0] ?? 0),
        mean: uses.length / Math.max(1, pairs.length),
        most: each.reduce((most, count) => Math.max(most, count), 0),
      },
    },
    shared: listed(shared.map(([caption, pictures]) => ({ caption, pictures }))),
    tokens: {
      mean: lengths.reduce((sum, count) => sum + count, 0) / Math.max(1, tokens.size),
      most: lengths.reduce((most, count) => Math.max(most, count), 0),
      context,
    },
    overlong: listed(overlong.map(([caption, tokens]) => ({ caption, tokens }))),
    languages: await languageShares([...counts.keys()]),
  };
}

async function countTokens({ pairs }: Source, tokenizer: Tokenizer): Promise<Map<string, number>> {
  const tokens = new Map<string, number>();
  for (const caption of pairs.flatMap(({ captions }) => captions)) {
    if (tokens.has(caption)) continue;
    tokens.set(caption, tokenizer.count(caption));
    if (tokens.size % CHUNK === 0) await new Promise((turn) => setImmediate(turn));
  }
  return tokens;
}
