// The tokenizer that scripts/starter trains: merges by hand-worked counts, files read back by transformers.js.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AutoTokenizer, type PreTrainedTokenizer } from '@huggingface/transformers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { learnMerges } from '../../scripts/starter/bpe';
import {
  byteCharacters,
  learnVocabulary,
  symbolsOf,
  writeTokenizer,
} from '../../scripts/starter/clip-format';

describe('learnMerges', () => {
  test('merges the most frequent pair first, then pairs with the merged symbol', () => {
    // a b: 5 + 2, b c: 5, b d: 2; after "ab": ab c: 5, ab d: 2.
    const words: [string[], number][] = [
      [['a', 'b', 'c'], 5],
      [['a', 'b', 'd'], 2],
    ];
    expect(learnMerges(words, 10)).toEqual([
      ['a', 'b'],
      ['ab', 'c'],
      ['ab', 'd'],
    ]);
    expect(learnMerges(words, 1)).toEqual([['a', 'b']]);
  });

  test('counts of overlapping repeats stay right', () => {
    expect(learnMerges([[['a', 'a', 'a', 'a', 'a'], 3]], 10)).toEqual([
      ['a', 'a'],
      ['aa', 'aa'],
      ['aaaa', 'a'],
    ]);
  });

  test('a pair that occurs once is not worth a token', () => {
    expect(learnMerges([[['x', 'y'], 1]], 10)).toEqual([]);
  });

  test('agrees with counting every pair anew at every step', () => {
    const text = 'the cat sat on the mat that the rat ate at the hat shop while the bats chat';
    const counts = new Map<string, number>();
    for (const word of text.split(' ')) counts.set(word, (counts.get(word) ?? 0) + 1);
    const words = [...counts].map(([word, count]): [string[], number] => [[...word], count]);
    const fast = learnMerges(words, 12);
    const sequences = words.map(([symbols]) => symbols);
    for (const [left, right] of fast) {
      const pairs = new Map<string, number>();
      for (const [at, symbols] of sequences.entries()) {
        for (let i = 0; i + 1 < symbols.length; i += 1) {
          const pair = `${symbols[i]} ${symbols[i + 1]}`;
          pairs.set(pair, (pairs.get(pair) ?? 0) + (words[at]?.[1] ?? 0));
        }
      }
      expect(pairs.get(`${left} ${right}`)).toBe(Math.max(...pairs.values()));
      for (const [at, symbols] of sequences.entries()) {
        sequences[at] = symbols
          .join(' ')
          .replaceAll(`${left} ${right}`, left + right)
          .split(' ');
      }
    }
  });
});

test('bytes have GPT-2’s printable characters', () => {
  expect(new Set(byteCharacters).size).toBe(256);
  expect(byteCharacters['a'.charCodeAt(0)]).toBe('a');
  expect(byteCharacters[0x20]).toBe('Ġ');
  expect(byteCharacters[0xad]).toBe('Ń');
});

test('texts split as CLIP splits them', () => {
  expect(symbolsOf("Dog's 12 ñ").map((symbols) => symbols.join(' '))).toEqual([
    'd o g</w>',
    "' s</w>",
    '1</w>',
    '2</w>',
    'Ã ±</w>',
  ]);
});

describe('in transformers.js', () => {
  const texts = [
    'a red apple',
    'a green apple',
    'an apple tree',
    'the old man and the sea',
    'Café',
  ];
  const { vocabulary, merges } = learnVocabulary(
    texts.map((text) => [text, 10]),
    600,
  );
  let folder: string;
  let tokenizer: PreTrainedTokenizer;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'bifocal-tokenizer-'));
    await writeTokenizer(folder, { vocabulary, merges }, 16);
    tokenizer = await AutoTokenizer.from_pretrained(folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const end = () => vocabulary['<|endoftext|>'];

  test('the end of text has the highest id, where the text tower pools', () => {
    expect(end()).toBe(Math.max(...Object.values(vocabulary)));
    expect(Object.keys(vocabulary).length).toBe(512 + merges.length + 2);
  });

  test('learned words are one token between start and end', () => {
    expect(tokenizer.encode('A red  APPLE')).toEqual([
      vocabulary['<|startoftext|>'],
      vocabulary['a</w>'],
      vocabulary['red</w>'],
      vocabulary['apple</w>'],
      end(),
    ]);
  });

  test('texts come back from their tokens', () => {
    for (const text of [...texts, 'zebra crossing', '猫 und Maus', '¿qué?']) {
      const decoded = tokenizer.decode(tokenizer.encode(text), { skip_special_tokens: true });
      const compact = (value: string) => value.toLowerCase().replaceAll(/\s/g, '');
      expect(compact(decoded)).toBe(compact(text));
    }
  });

  test('unknown words split into known pieces', () => {
    const ids = tokenizer.encode('pineapple').slice(1, -1);
    expect(ids.length).toBeGreaterThan(1);
    expect(ids.at(-1)).toBe(vocabulary['apple</w>']);
    expect(ids).not.toContain(end());
  });

  // transformers.js cuts the end mark off too; the model room puts it back.
  test('pads with the end of text and cuts to the context length', () => {
    const { input_ids: ids } = tokenizer(['apple', 'b '.repeat(40)], {
      padding: true,
      truncation: true,
    }) as { input_ids: { dims: number[]; tolist(): bigint[][] } };
    expect(ids.dims).toEqual([2, 16]);
    const [short = [], long = []] = ids.tolist().map((row) => row.map(Number));
    expect(short.slice(2)).toEqual(Array(14).fill(end()));
    expect(long).not.toContain(end());
  });
});
