// Words that a model can only spell: its tokenizer cuts them into scraps a third as long as those of everyday
// words, as it does with a cat's walk over the keyboard and with languages and characters that it has not
// learned. Their vector says nothing; scores do not show it, since any vector has pictures that are near.

import type { Engine } from '#engine';
import { EVERYDAY_QUERIES } from './everyday';

/** Bytes of a piece, of those that everyday words have. docs/search.md has what it finds. */
const SHARE = 0.35;

/** Bytes of words that are not judged: "tv" and "7" are cut as nonsense is. */
const SHORT = 3;

const usual = new WeakMap<Engine, { model: string; bytes: Promise<number> }>();

/** Whether a model can only spell these words. */
export async function isSpelled(words: string, engine: Engine, model: string): Promise<boolean> {
  const [own, everyday] = await Promise.all([
    bytesOfPiece([words], engine, model),
    everydayBytes(engine, model),
  ]);
  return bytesOf(words) > SHORT && own < SHARE * everyday;
}

/** Measured once a model. */
function everydayBytes(engine: Engine, model: string): Promise<number> {
  const known = usual.get(engine);
  if (known?.model === model) return known.bytes;
  const bytes = bytesOfPiece(EVERYDAY_QUERIES, engine, model);
  usual.set(engine, { model, bytes });
  bytes.catch(() => usual.delete(engine));
  return bytes;
}

/** The mean length of the pieces that texts are cut into. */
async function bytesOfPiece(texts: string[], engine: Engine, model: string): Promise<number> {
  const pieces = await engine.countPieces(texts, model);
  const count = pieces.reduce((sum, of) => sum + of, 0);
  return bytesOf(texts.join('')) / Math.max(1, count);
}

/** Of UTF-8, without spaces. */
function bytesOf(text: string): number {
  return Buffer.byteLength(text.replaceAll(/\s+/g, ''));
}
