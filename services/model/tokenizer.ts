// Texts to token ids, by the tokenizer of the model's own folder.

import type { ModelFolder } from './folder';

export interface Tokenizer {
  /** Ids of a text at most, special ones included. */
  readonly contextLength: number;
  /** What fills the end of shorter texts in a batch. */
  readonly padId: number;
  /** Ids with special tokens, cut to the context, not padded. */
  encode(texts: readonly string[]): number[][];
  /** How many ids a text has before it is cut; of very long ones, how many its beginning has. */
  count(text: string): number;
}

/**
 * Characters that are looked at for each id of the context: no vocabulary packs more into one, and a
 * text of megabytes takes minutes.
 */
const CHARACTERS = 64;

/** CLIP's context, where neither config.json nor the tokenizer gives one. */
const DEFAULT_CONTEXT = 77;

/** Loads the tokenizer of a folder. Throws one line that names the folder. */
export async function loadTokenizer(folder: ModelFolder): Promise<Tokenizer> {
  // Loaded when needed: the library brings a runtime of its own along.
  const { AutoTokenizer } = await import('@huggingface/transformers');
  try {
    const tokenizer = await AutoTokenizer.from_pretrained(folder.path, { local_files_only: true });
    const contextLength = Math.min(
      folder.config.contextLength ?? DEFAULT_CONTEXT,
      tokenizer.model_max_length,
    );
    const ids = (text: string) => {
      const beginning = text.slice(0, CHARACTERS * contextLength);
      return tokenizer(beginning, { return_tensor: false }).input_ids as number[];
    };
    return {
      contextLength,
      padId: tokenizer.pad_token_id ?? 0,
      count: (text) => ids(text).length,
      encode: (texts) => texts.map((text) => truncate(ids(text), ids(''), contextLength)),
    };
  } catch (cause) {
    throw new Error(`${folder.path}: its tokenizer cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/**
 * Cuts the words, not the special tokens after them: towers that pool at the end of text need it.
 * (transformers.js cuts both.) `empty` is the encoding of no text: what stands before and after it.
 */
function truncate(ids: number[], empty: number[], length: number): number[] {
  if (ids.length <= length) return ids;
  const before = empty.findIndex((id, index) => id !== ids[index]);
  const after = before === -1 ? [] : empty.slice(before);
  return [...ids.slice(0, length - after.length), ...after];
}
