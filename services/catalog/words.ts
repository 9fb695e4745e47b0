// Full-text search over captions and file names. A migration keeps the index of words in step.

import type { Statement } from './filter';
import { MATCHING_ITEMS, matchingWords, type Connection } from './sqlite';

/** A text that has all the words, and the picture that it belongs to. */
export interface TextMatch {
  itemId: number;
  /** Which caption it was; null for a file name. */
  captionId: number | null;
  field: 'caption' | 'name';
}

/** More words than anybody means; each costs time. */
const MAX_WORDS = 32;

/** A word of one letter begins half the words there are. */
const MIN_PREFIX = 2;

/**
 * Scripts that put no space between words. The index holds each of their characters as a word (the
 * migration that made it has the same list), so that a word of them is a phrase.
 */
const SPACELESS = /[ก-໿က-႟ក-៿々-〇ぁ-ヿㇰ-ㇿ㐀-䶿一-鿿豈-﫿ｦ-ﾟ\u{20000}-\u{323AF}]/gu;

const WORD = /[\p{L}\p{N}]/u;

/**
 * Items on the disk of which a caption or a file name has all of `words`, the shortest text first, each
 * item once. The last word may be the beginning of one; what stands in double quotes is a phrase.
 *
 * @param not - texts: items that one of them matches do not come.
 * @param conditions - what else must hold of an item, i.
 */
export function fullText(
  database: Connection,
  words: string,
  limit: number,
  not: readonly string[],
  conditions: Statement,
): TextMatch[] {
  const query = matchQuery(words, true);
  if (query === null) return [];
  const unwanted = not.map((text) => matchQuery(text, false)).filter((each) => each !== null);
  const excluded = unwanted.map(() => ` AND i."id" NOT IN (${MATCHING_ITEMS})`).join('');
  const rows = database
    .prepare(matchingWords(conditions.sql + excluded))
    .raw()
    .iterate(query, ...conditions.parameters, ...unwanted) as IterableIterator<[number, number]>;
  const best = new Map<number, TextMatch>();
  for (const [row, itemId] of rows) {
    if (best.size === limit) break;
    if (best.has(itemId)) continue;
    const field = row % 2 === 0 ? 'caption' : 'name';
    best.set(itemId, { itemId, captionId: field === 'caption' ? row / 2 : null, field });
  }
  return [...best.values()];
}

/**
 * What somebody wrote as a query of FTS5: each word and phrase quoted, so that nothing in it is
 * syntax. Null if there is no word in it.
 *
 * @param prefix - whether the last word may be the beginning of one.
 */
function matchQuery(text: string, prefix: boolean): string | null {
  const parts = text.replace(/[“”„]/g, '"').replaceAll('\0', ' ').split('"');
  const terms = parts.flatMap((part, n) => (n % 2 === 1 ? [part] : part.split(/\s+/)));
  const words = terms.filter((term) => WORD.test(term)).slice(0, MAX_WORDS);
  if (words.length === 0) return null;
  const open = prefix && words.at(-1) === parts.at(-1)!.split(/\s+/).at(-1);
  const quoted = words.map((word) => `"${word.replace(SPACELESS, ' $& ')}"`);
  return quoted.join(' ') + (open && words.at(-1)!.length >= MIN_PREFIX ? '*' : '');
}
