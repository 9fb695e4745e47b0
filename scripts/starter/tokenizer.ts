// Trains the starter model's tokenizer: `npx tsx scripts/starter/tokenizer.ts` writes <home>/starter/tokenizer, after data.ts.

import path from 'node:path';
import { AutoTokenizer } from '@huggingface/transformers';
import { config } from '#config';
import { learnVocabulary, writeTokenizer } from './clip-format';
import { readConcepts, type Split } from './concepts';
import { readRows, writeRows, type Row } from './rows';
import { fetchPackages } from './fetch';
import { openWordNet } from './wordnet';

const VOCABULARY = 10240;
const CONTEXT_LENGTH = 32;
/** Captions of more tokens, of which there are few, are not trained on: a batch is as long as its longest. */
const LONGEST = 16;

const folder = path.join(config().home, 'starter');
const file = await fetchPackages(path.join(folder, 'packages'));
const wordnet = await openWordNet(file);
const texts = new Map<string, number>();
const count = (text: string, times: number) => texts.set(text, (texts.get(text) ?? 0) + times);

// Captions count once a concept, not once a vendor: twelve drawings of a cat are one word to learn.
const captions = new Map<string, Set<string>>();
const rows = await readRows(folder, 'train');
for (const row of rows) {
  const known = captions.get(row.concept) ?? new Set();
  for (const caption of row.captions) known.add(caption);
  captions.set(row.concept, known);
}
for (const known of captions.values()) for (const caption of known) count(caption, 1);
for (const { words } of await readConcepts(file)) {
  for (const { name, keywords } of words) for (const text of [name, ...keywords]) count(text, 1);
}
// General English, so that other queries split into words rather than letters; the root keeps the captions' own words whole.
for (const [word, times] of wordnet.frequencies)
  count(word.replaceAll('_', ' '), Math.ceil(Math.sqrt(times)));

const learned = learnVocabulary(texts, VOCABULARY);
await writeTokenizer(path.join(folder, 'tokenizer'), learned, CONTEXT_LENGTH);
console.log(`tokenizer: ${Object.keys(learned.vocabulary).length} tokens from ${texts.size} texts`);

const tokenizer = await AutoTokenizer.from_pretrained(path.join(folder, 'tokenizer'));
const fits = new Map<string, boolean>();
await shorten('train', rows);
await shorten('icons', await readRows(folder, 'icons'));

/** Writes a split without the captions that are too long. */
async function shorten(split: Split, rows: Row[]): Promise<void> {
  for (const row of rows) {
    row.captions = row.captions.filter((caption) => {
      if (!fits.has(caption)) fits.set(caption, tokenizer.encode(caption).length <= LONGEST);
      return fits.get(caption);
    });
  }
  const trained = rows.filter(({ captions }) => captions.length > 0);
  await writeRows(folder, split, trained);
}
