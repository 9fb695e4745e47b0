// How well a query that has nothing to do with the library would do: below that, hits are probably
// unrelated. Scores of dual encoders mean something else for every model, and differ from query to query,
// so both are measured on a sample of the library; docs/architecture.md says how well it does.

import type { Catalog, CatalogModel, Modality } from '#catalog';
import { combine, type Meaning, type SearchPorts, type Term } from './embed';
import { EVERYDAY_QUERIES } from './everyday';

/** Of the library, for the scores of one query. */
const SAMPLE = 1024;
/** Of the sample, and of other queries, for pairs that chance has brought together. */
const PAIRED = 512;
const OTHERS = 96;
/** With fewer there is no saying what is usual. */
const FEWEST = 50;
/** A pair that chance has brought together scores lower than the cutoff in 99 of 100 cases. */
const CHANCE = 0.99;
/** Standard deviations, estimated robustly, by which a hit is above what the query usually scores. */
const DEVIATIONS = 2;
/** A full sample may be this old although the library has changed. */
const freshMs = 60_000;

/** Vectors of a random part of the library, the same as long as it does not change. */
interface Sample {
  vectors: Float32Array[];
  version: number;
  readAt: number;
  /** The cutoff of chance, by the kind of query. */
  cutoffs: Map<string, number>;
}

interface Known {
  samples: Map<Modality, Sample>;
  everyday?: Promise<Float32Array[]>;
}

const known = new WeakMap<Catalog, Map<string, Known>>();

/**
 * The score below which hits in `modality` are probably unrelated to a query: what a query of the same
 * make, but of other words and pictures, reaches with one of 100 pictures, and two deviations above
 * what this query scores with most of them, whichever is higher. Null where the library is too small.
 */
export async function cutoffScore(
  { vector, terms }: Meaning,
  modality: Modality,
  { engine, catalog }: SearchPorts,
  fingerprint: string,
): Promise<number | null> {
  const model = await catalog.models.find(fingerprint);
  if (!model) return null;
  const of = knownOf(catalog, fingerprint);
  const sample = sampleOf(of, catalog, model, modality);
  if (sample.vectors.length < FEWEST) return null;
  const scores = sample.vectors.map((other) => dot(vector, other));
  return Math.max(typicalLimit(scores), await chance());

  async function chance(): Promise<number> {
    const make = terms.map(({ from, share }) => `${from}${share.toFixed(2)}`).join();
    const measured = sample.cutoffs.get(make);
    if (measured !== undefined) return measured;
    of.everyday ??= engine.encodeTexts(EVERYDAY_QUERIES, fingerprint);
    of.everyday.catch(() => delete of.everyday);
    const pictures = sampleOf(of, catalog, model!, 'image').vectors;
    const cutoff = chanceLimit(terms, { text: await of.everyday, image: pictures }, sample.vectors);
    sample.cutoffs.set(make, cutoff);
    return cutoff;
  }
}

/** Two robust standard deviations above the median of a query's scores. */
export function typicalLimit(scores: readonly number[]): number {
  const median = quantile(scores, 0.5);
  const spread = quantile(
    scores.map((score) => Math.abs(score - median)),
    0.5,
  );
  // 1.4826: from the median deviation of a normal distribution to its standard deviation.
  return median + DEVIATIONS * 1.4826 * spread;
}

/** The score that queries of this make, of random parts, reach with 1 of 100 of what they meet. */
function chanceLimit(
  terms: readonly Term[],
  parts: Record<Modality, Float32Array[]>,
  sample: Float32Array[],
): number {
  const scores: number[] = [];
  for (let n = 0; n < OTHERS; n++) {
    // Another step for each term brings every part together with others.
    const random = terms.map((term, at): Term => {
      const from = parts[term.from];
      return { ...term, vector: from[(n * (31 + 12 * at) + at) % from.length]! };
    });
    const query = combine(random);
    for (const other of sample.slice(0, PAIRED)) scores.push(dot(query, other));
  }
  return quantile(scores, CHANCE);
}

function knownOf(catalog: Catalog, fingerprint: string): Known {
  const models = known.get(catalog) ?? new Map<string, Known>();
  known.set(catalog, models);
  const of = models.get(fingerprint) ?? { samples: new Map() };
  models.set(fingerprint, of);
  return of;
}

function sampleOf(of: Known, catalog: Catalog, model: CatalogModel, modality: Modality): Sample {
  const kept = of.samples.get(modality);
  const version = catalog.version();
  const now = performance.now();
  const full = kept?.vectors.length === SAMPLE;
  if (kept && (kept.version === version || (full && now - kept.readAt < freshMs))) return kept;
  const ids = catalog.embeddings.searchableIds(model, modality).sort((a, b) => mix(a) - mix(b));
  const found = catalog.embeddings.found(model, modality, ids.slice(0, SAMPLE));
  const vectors = found.ids.map((_, row) =>
    found.vectors.subarray(row * model.dimension, (row + 1) * model.dimension),
  );
  const sample = { vectors, version, readAt: now, cutoffs: new Map<string, number>() };
  of.samples.set(modality, sample);
  return sample;
}

/** A fixed shuffle of ids (the finalizer of MurmurHash3): what is added later hardly changes the sample. */
function mix(id: number): number {
  let hash = id;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
