// How well a query that has nothing to do with the library would do: below that, hits are probably
// unrelated. Scores of dual encoders mean something else for every model, and differ from query to query,
// so both are measured on a sample of the library; docs/search.md says how, and how well it does.

import type { Catalog, Modality } from '#catalog';
import type { Engine } from '#engine';
import { combine, type SearchPorts, type Term } from './embed';
import { EVERYDAY_QUERIES } from './everyday';
import { isSpelled } from './spelled';

/** Other queries that are tried. */
const OTHERS = 96;
/** With fewer pictures or texts there is no saying what is usual. */
const FEWEST = 50;
/** A pair that chance has brought together scores lower than the cutoff in 99 of 100 cases. */
const CHANCE = 0.99;
/** Standard deviations, estimated robustly, by which a hit is above what the query usually scores. */
const DEVIATIONS = 2;
/** What was measured may be this old although the library has changed. */
const freshMs = 60_000;
/** Makes that are remembered; a weight that somebody slides makes many. */
const CAPACITY = 200;

/** What other queries of one make reach, in one modality. */
interface Limit {
  score: Promise<number>;
  version: number;
  measuredAt: number;
}

/** What a query is made of, whatever it says. */
type Kind = Pick<Term, 'from' | 'share'>;

const everydayVectors = new WeakMap<Engine, { model: string; vectors: Promise<Float32Array[]> }>();
/** By model, modality and make. */
const measured = new WeakMap<Catalog, Map<string, Limit>>();

/**
 * The score below which hits in `modality` are probably unrelated to a query: what a query of the same
 * make, but of other words and pictures, reaches with one of 100 pictures, and two deviations above
 * what this query scores with most of them, whichever is higher. Null where the library is too small;
 * where the query says nothing to the model, the highest score that there is.
 */
export async function cutoffScore(
  meaning: { vector: Float32Array; terms: readonly Kind[] },
  modality: Modality,
  ports: SearchPorts,
  model: string,
  saysNothing: boolean | Promise<boolean> = false,
): Promise<number | null> {
  const { vector, terms } = meaning;
  const scores = await ports.engine.background({ vector, modality, model });
  if (scores.length < FEWEST) return null;
  if (await saysNothing) return 1;
  return Math.max(typicalLimit(scores), await chanceOf(terms, modality, ports, model));
}

/** Two robust standard deviations above the median of a query's scores. */
export function typicalLimit(scores: ArrayLike<number>): number {
  const median = quantile(scores, 0.5);
  const distances = new Float64Array(scores).map((score) => Math.abs(score - median));
  // 1.4826: from the median distance of a normal distribution to its standard deviation.
  return median + DEVIATIONS * 1.4826 * quantile(distances, 0.5);
}

/** What the first search of words would have to wait for; the engine has to be ready. */
export async function warmUp(ports: SearchPorts, model: string): Promise<void> {
  const [vector] = await everyday(ports.engine, model);
  await cutoffScore(
    { vector: vector!, terms: [{ from: 'text', share: 1 }] },
    'image',
    ports,
    model,
  );
  await isSpelled('', ports.engine, model);
}

/** What was measured is used while it is measured anew: nobody waits for it but the first. */
function chanceOf(
  terms: readonly Kind[],
  modality: Modality,
  ports: SearchPorts,
  model: string,
): Promise<number> {
  const limits = measured.get(ports.catalog) ?? new Map<string, Limit>();
  measured.set(ports.catalog, limits);
  const make = terms.map(({ from, share }) => `${from}${share.toFixed(2)}`).join();
  const key = `${model} ${modality} ${make}`;
  const version = ports.catalog.version();
  const now = performance.now();
  const known = limits.get(key);
  if (known && (known.version === version || now - known.measuredAt < freshMs)) return known.score;
  const score = measure(terms, modality, ports, model);
  const limit = { score: known?.score ?? score, version, measuredAt: now };
  limits.set(key, limit);
  score.then(
    () => (limit.score = score),
    () => limits.delete(key),
  );
  const oldest = limits.keys().next().value;
  if (limits.size > CAPACITY && oldest !== undefined) limits.delete(oldest);
  return limit.score;
}

/** The everyday queries as vectors, made once a model. */
function everyday(engine: Engine, model: string): Promise<Float32Array[]> {
  const known = everydayVectors.get(engine);
  if (known?.model === model) return known.vectors;
  const vectors = engine.encodeTexts(EVERYDAY_QUERIES, model);
  everydayVectors.set(engine, { model, vectors });
  vectors.catch(() => everydayVectors.delete(engine));
  return vectors;
}

/** The score that queries of this make, of random parts, reach with 1 of 100 of what they meet. */
async function measure(
  terms: readonly Kind[],
  modality: Modality,
  { engine, catalog }: SearchPorts,
  model: string,
): Promise<number> {
  const parts: Record<Modality, Float32Array[]> = {
    text: terms.some(({ from }) => from === 'text') ? await everyday(engine, model) : [],
    image: terms.some(({ from }) => from === 'image') ? await somePictures(catalog, model) : [],
  };
  const others = Array.from({ length: OTHERS }, (_, n) => {
    // Another step for each term brings every part together with others.
    const random = terms.map((term, at): Term => {
      const from = parts[term.from];
      return { ...term, vector: from[(n * (31 + 12 * at) + at) % from.length]! };
    });
    return engine.background({ vector: combine(random), modality, model });
  });
  const scores = (await Promise.all(others)).flatMap((some) => [...some]);
  return quantile(scores, CHANCE);
}

/** Pictures of the library, evenly spread, as vectors. */
async function somePictures(catalog: Catalog, fingerprint: string): Promise<Float32Array[]> {
  const model = (await catalog.models.find(fingerprint))!;
  const items = await catalog.sample(OTHERS);
  const ids = items.map(({ id }) => id);
  const found = catalog.embeddings.found(model, 'image', ids);
  return found.ids.map((_, row) =>
    found.vectors.subarray(row * model.dimension, (row + 1) * model.dimension),
  );
}

function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = new Float64Array(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
