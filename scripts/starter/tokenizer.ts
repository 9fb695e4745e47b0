// Trains the starter model's tokenizer: `npx tsx scripts/starter/tokenizer.ts` writes <home>/starter/tokenizer, after data.ts.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { config } from '#config';
import { learnVocabulary, writeTokenizer } from './clip-format';
import { readConcepts } from './concepts';
import { fetchPackages } from './sources';
import { openWordNet } from './wordnet';

const VOCABULARY = 4096;
const CONTEXT_LENGTH = 32;

const folder = path.join(config().home, 'starter');
const file = await fetchPackages(path.join(folder, 'packages'));
const wordnet = await openWordNet(file);
const texts = new Map<string, number>();
const count = (text: string, times: number) => texts.set(text, (texts.get(text) ?? 0) + times);

// Captions count once a concept, not once a vendor: twelve drawings of a cat are one word to learn.
const captions = new Map<string, Set<string>>();
for (const line of (await readFile(path.join(folder, 'train.jsonl'), 'utf8')).trim().split('\n')) {
  const row = JSON.parse(line) as { concept: string; captions: string[] };
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
