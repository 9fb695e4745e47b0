// Retrieval evaluation: recall@k, mean reciprocal rank and median rank, both ways.

import type { DualEncoder } from '#model';
import { GraphBuilder } from '#onnx';
import { openSession, Tensor, type Session } from '#runtime';
import type { Pair } from './pairs';
import { toModelFile } from './step-graph';

/** Recalls are fractions, ranks count from 1. */
export interface RetrievalFigures {
  r1: number;
  r5: number;
  r10: number;
  mrr: number;
  medianRank: number;
}

export interface Evaluation {
  /** Pictures. */
  pairs: number;
  textToImage: RetrievalFigures;
  imageToText: RetrievalFigures;
}

/** Pictures and texts encoded at once, and queries scored at once. */
const CHUNK = 64;

function summarize(ranks: number[]): RetrievalFigures {
  const sorted = ranks.toSorted((a, b) => a - b);
  const within = (k: number) => ranks.filter((rank) => rank <= k).length / ranks.length;
  const middle = sorted.length >> 1;
  return {
    r1: within(1),
    r5: within(5),
    r10: within(10),
    mrr: ranks.reduce((sum, rank) => sum + 1 / rank, 0) / ranks.length,
    medianRank:
      sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2,
  };
}

/**
 * Rank of the best relevant candidate. A candidate with the same score counts as better, so that a
 * model that maps everything to one point does not score.
 */
export function rankOf(scores: Float32Array, relevant: readonly number[]): number {
  const best = Math.max(...relevant.map((index) => scores[index]!));
  let rank = 1;
  for (const score of scores) if (score >= best) rank++;
  return rank - relevant.filter((index) => scores[index]! >= best).length;
}

async function encodeAll<T>(
  items: T[],
  encode: (chunk: T[]) => Promise<Float32Array[]>,
  done: (count: number) => void,
): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (let first = 0; first < items.length; first += CHUNK) {
    vectors.push(...(await encode(items.slice(first, first + CHUNK))));
    done(vectors.length);
  }
  return vectors;
}

function matrix(rows: Float32Array[]): Tensor {
  const width = rows[0]!.length;
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, index) => data.set(row, index * width));
  return new Tensor('float32', data, [rows.length, width]);
}

/** A session that computes queries · candidatesᵀ. */
async function openScores(dimension: number): Promise<Session> {
  const b = new GraphBuilder('scores');
  const queries = b.input('queries', 'float32', ['queries', dimension]);
  const candidates = b.input('candidates', 'float32', ['candidates', dimension]);
  const scores = b.op('Gemm', [queries, candidates], { transB: 1 });
  b.output(scores, 'scores', 'float32', ['queries', 'candidates']);
  return openSession(toModelFile(b.graph));
}

async function ranks(
  session: Session,
  queries: Float32Array[],
  candidates: Float32Array[],
  relevant: number[][],
): Promise<number[]> {
  const result: number[] = [];
  const right = matrix(candidates);
  for (let first = 0; first < queries.length; first += CHUNK) {
    const left = matrix(queries.slice(first, first + CHUNK));
    const { scores } = await session.run({ queries: left, candidates: right });
    const data = scores!.data as Float32Array;
    for (let row = 0; row < left.dims[0]!; row++) {
      const line = data.subarray(row * candidates.length, (row + 1) * candidates.length);
      result.push(rankOf(line, relevant[first + row]!));
    }
  }
  return result;
}

/**
 * Ranks every caption's pictures and every picture's captions by cosine, over all of `pairs`. Each
 * different caption is one query; any of the pictures that carry it is right, and any of a
 * picture's captions is right for it. Throws ImageError where a picture cannot be decoded.
 */
export async function evaluate(
  encoder: DualEncoder,
  pairs: Pair[],
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Evaluation> {
  const captions = [...new Set(pairs.flatMap((pair) => pair.captions))];
  const captionIndex = new Map(captions.map((caption, index) => [caption, index]));
  const captionsOf = pairs.map((pair) => pair.captions.map((text) => captionIndex.get(text)!));
  const picturesOf: number[][] = captions.map(() => []);
  captionsOf.forEach((list, picture) => list.forEach((text) => picturesOf[text]!.push(picture)));

  const total = pairs.length + captions.length;
  const images = await encodeAll(
    pairs.map(({ image }) => image),
    (chunk) => encoder.encodeImages(chunk),
    (count) => onProgress(count, total),
  );
  const texts = await encodeAll(
    captions,
    (chunk) => encoder.encodeTexts(chunk),
    (count) => onProgress(pairs.length + count, total),
  );
  const session = await openScores(encoder.dimension);
  try {
    return {
      pairs: pairs.length,
      textToImage: summarize(await ranks(session, texts, images, picturesOf)),
      imageToText: summarize(await ranks(session, images, texts, captionsOf)),
    };
  } finally {
    await session.release();
  }
}
