// Ranks: where each query's right answer stands among all candidates, both ways.

import { ImageError, type DualEncoder } from '#model';
import { toModelFile, GraphBuilder } from '#onnx';
import { openSession, Tensor, type Session } from '#runtime';
import type { Pair } from '../data/pairs';

/** One direction: the queries in a fixed order. */
export interface DirectionRanks {
  /** Rank of the best right candidate of each query, from 1. */
  ranks: number[];
  /** How many candidates are right for each query. */
  relevant: number[];
  candidates: number;
}

export interface Ranks {
  textToImage: DirectionRanks;
  imageToText: DirectionRanks;
}

/** Ranks of pairs, and what they were computed from. */
export interface Ranking {
  ranks: Ranks;
  /** Embeddings of the pictures, and of each different caption. */
  images: Float32Array[];
  texts: Float32Array[];
  /** Pictures that could not be decoded and are left out, with the reason. */
  skipped: { image: string; reason: string }[];
}

/** Embeddings of one kind that are not computed again, by the picture's path or the caption. */
export interface KnownEmbeddings {
  kind: 'image' | 'text';
  rows: Map<string, Float32Array>;
}

export type Progress = (done: number, total: number) => void;

/** Pictures and texts encoded at once, and queries scored at once. */
const CHUNK = 64;

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

function* chunks<T>(items: readonly T[]): Generator<T[]> {
  for (let first = 0; first < items.length; first += CHUNK) {
    yield items.slice(first, first + CHUNK);
  }
}

/** Embeddings of the pictures that can be decoded, and why the others cannot. */
export async function encodePictures(
  encoder: DualEncoder,
  pairs: Pair[],
  done: (count: number) => void,
) {
  const kept: Pair[] = [];
  const images: Float32Array[] = [];
  const skipped: Ranking['skipped'] = [];
  for (const chunk of chunks(pairs)) {
    const pixels: Float32Array[] = [];
    const results = await Promise.allSettled(chunk.map(({ image }) => encoder.preprocess(image)));
    results.forEach((result, index) => {
      const pair = chunk[index]!;
      if (result.status === 'fulfilled') {
        kept.push(pair);
        pixels.push(result.value);
      } else if (result.reason instanceof ImageError) {
        skipped.push({ image: pair.image, reason: result.reason.message });
      } else throw result.reason;
    });
    images.push(...(await encoder.encodePixels(pixels)));
    done(kept.length + skipped.length);
  }
  return { kept, images, skipped };
}

export async function encodeTexts(
  encoder: DualEncoder,
  texts: readonly string[],
  done: (count: number) => void = () => {},
): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (const chunk of chunks(texts)) {
    vectors.push(...(await encoder.encodeTexts(chunk)));
    done(vectors.length);
  }
  return vectors;
}

/** The pictures' embeddings; those that are not among `rows` are computed and added. */
async function imageRows(
  encoder: DualEncoder,
  pairs: Pair[],
  rows: KnownEmbeddings['rows'],
  done: (count: number) => void,
) {
  const fresh = pairs.filter(({ image }) => !rows.has(image));
  const known = pairs.length - fresh.length;
  const found = await encodePictures(encoder, fresh, (count) => done(known + count));
  found.kept.forEach(({ image }, index) => rows.set(image, found.images[index]!));
  const kept = pairs.filter(({ image }) => rows.has(image));
  return { kept, images: kept.map(({ image }) => rows.get(image)!), skipped: found.skipped };
}

/** The captions' embeddings, likewise. */
async function textRows(
  encoder: DualEncoder,
  captions: readonly string[],
  rows: KnownEmbeddings['rows'],
  done: (count: number) => void,
): Promise<Float32Array[]> {
  const fresh = captions.filter((caption) => !rows.has(caption));
  const known = captions.length - fresh.length;
  const vectors = await encodeTexts(encoder, fresh, (count) => done(known + count));
  fresh.forEach((caption, index) => rows.set(caption, vectors[index]!));
  return captions.map((caption) => rows.get(caption)!);
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

async function directionRanks(
  session: Session,
  queries: Float32Array[],
  candidates: Float32Array[],
  relevant: number[][],
): Promise<DirectionRanks> {
  const ranks: number[] = [];
  const right = matrix(candidates);
  for (const chunk of chunks(queries)) {
    const { scores } = await session.run({ queries: matrix(chunk), candidates: right });
    const data = scores!.data as Float32Array;
    chunk.forEach((_, row) => {
      const line = data.subarray(row * candidates.length, (row + 1) * candidates.length);
      ranks.push(rankOf(line, relevant[ranks.length]!));
    });
  }
  return {
    ranks,
    relevant: relevant.map(({ length }) => length),
    candidates: candidates.length,
  };
}

/** The different captions of `pairs`; which are true of each picture, and the other way round. */
function matches(pairs: Pair[]) {
  const captions = [...new Set(pairs.flatMap((pair) => pair.captions))];
  const indices = new Map(captions.map((caption, index) => [caption, index]));
  const captionsOf = pairs.map((pair) => pair.captions.map((text) => indices.get(text)!));
  const picturesOf: number[][] = captions.map(() => []);
  captionsOf.forEach((list, picture) => list.forEach((text) => picturesOf[text]!.push(picture)));
  return { captions, captionsOf, picturesOf };
}

/**
 * Ranks every caption's pictures and every picture's captions by cosine, over all of `pairs`. Each
 * different caption is one query; any of the pictures that carry it is right, and any of a picture's
 * captions is right for it. Embeddings that are `known` are not computed. Throws one line where no picture can be decoded.
 */
export async function rankPairs(
  encoder: DualEncoder,
  pairs: Pair[],
  onProgress: Progress = () => {},
  known?: KnownEmbeddings,
): Promise<Ranking> {
  const rows = (kind: KnownEmbeddings['kind']) =>
    known?.kind === kind ? known.rows : new Map<string, Float32Array>();
  // Captions of pictures that fail are few; they count so that the total is known.
  const total = pairs.length + matches(pairs).captions.length;
  const { kept, images, skipped } = await imageRows(encoder, pairs, rows('image'), (count) =>
    onProgress(count, total),
  );
  if (kept.length === 0) {
    const { image, reason } = skipped[0]!;
    throw new Error(`none of ${pairs.length} pictures can be read: ${image}: ${reason}`);
  }
  const { captions, captionsOf, picturesOf } = matches(kept);
  const texts = await textRows(encoder, captions, rows('text'), (count) =>
    onProgress(pairs.length + count, total),
  );
  const session = await openScores(encoder.dimension);
  try {
    const ranks = {
      textToImage: await directionRanks(session, texts, images, picturesOf),
      imageToText: await directionRanks(session, images, texts, captionsOf),
    };
    return { ranks, images, texts, skipped };
  } finally {
    await session.release();
  }
}
