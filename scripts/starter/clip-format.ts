// CLIP's tokenizer format: how text becomes byte symbols, and the three files that transformers.js reads.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { learnMerges, type Merge } from './bpe';

const START = '<|startoftext|>';
const END = '<|endoftext|>';
/** Marks the last symbol of a word, so that "cat" alone and "cat" in "catalog" differ. */
const WORD_END = '</w>';
/**
 * CLIP's own (contractions, runs of letters, single digits, runs of anything else), but that each Chinese
 * character is a word: nothing stands between words there, and the same character is the same token then
 * in a name and in the middle of a sentence.
 */
const SPLIT =
  "'s|'t|'re|'ve|'m|'ll|'d|[㐀-䶿一-鿿]|(?:(?![㐀-䶿一-鿿])\\p{L})+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/** GPT-2's printable character for each byte: itself where it prints, else the next free one from 256 up. */
export const byteCharacters: readonly string[] = (() => {
  const prints = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad && byte <= 0xff);
  let free = 256;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(prints(byte) ? byte : free++),
  );
})();

/** Splits a text as the tokenizer will: normalised, into words of byte symbols, the last one marked. */
export function symbolsOf(text: string): string[][] {
  const words = text.normalize('NFC').toLowerCase().match(new RegExp(SPLIT, 'gu')) ?? [];
  return words.map((word) => {
    const symbols = [...Buffer.from(word, 'utf8')].map((byte) => byteCharacters[byte] ?? '');
    return [...symbols.slice(0, -1), `${symbols.at(-1)}${WORD_END}`];
  });
}

/**
 * Learns a vocabulary of at most `size` tokens from counted texts. The two special tokens come last:
 * a text tower that pools at the highest id finds the end of the text there.
 */
export function learnVocabulary(
  texts: Iterable<readonly [text: string, count: number]>,
  size: number,
): { vocabulary: Record<string, number>; merges: Merge[] } {
  const words = new Map<string, [string[], number]>();
  for (const [text, count] of texts) {
    for (const symbols of symbolsOf(text)) {
      const key = symbols.join('');
      words.set(key, [symbols, (words.get(key)?.[1] ?? 0) + count]);
    }
  }
  const bytes = [...byteCharacters, ...byteCharacters.map((character) => character + WORD_END)];
  const merges = learnMerges(words.values(), size - bytes.length - 2);
  const tokens = [...bytes, ...merges.map((merge) => merge.join('')), START, END];
  const vocabulary = Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]));
  return { vocabulary, merges };
}

/** Writes tokenizer.json, tokenizer_config.json and special_tokens_map.json into a folder. */
export async function writeTokenizer(
  folder: string,
  learned: { vocabulary: Record<string, number>; merges: Merge[] },
  contextLength: number,
): Promise<void> {
  const special = { bos_token: START, eos_token: END, unk_token: END, pad_token: END };
  const files = {
    'tokenizer.json': tokenizerJson(learned.vocabulary, learned.merges),
    'tokenizer_config.json': {
      ...special,
      tokenizer_class: 'CLIPTokenizer',
      model_max_length: contextLength,
      do_lower_case: true,
      add_prefix_space: false,
      clean_up_tokenization_spaces: true,
    },
    'special_tokens_map.json': special,
  };
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await writeFile(path.join(folder, name), JSON.stringify(content) + '\n');
  }
}

function tokenizerJson(vocab: Record<string, number>, merges: readonly Merge[]) {
  const added = (content: string) => ({
    id: vocab[content],
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [added(START), added(END)],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: SPLIT }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [END, vocab[END]],
      cls: [START, vocab[START]],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: END,
      continuing_subword_prefix: '',
      end_of_word_suffix: WORD_END,
      fuse_unk: false,
      vocab,
      merges: merges.map((merge) => merge.join(' ')),
    },
  };
}
