// Seeded stand-ins for embeddings, many enough to measure an index on: a clustered set and a hard one.

import { Random } from '../../services/random';

export interface VectorSet {
  dimension: number;
  /** Unit vectors, row-major. */
  vectors: Float32Array;
  /** Unit vectors to search with, row-major; none is among `vectors`. */
  queries: Float32Array;
}

export interface VectorSetSize {
  count: number;
  dimension: number;
  queries: number;
}

/**
 * As CLIP's embeddings are: pictures gather around subjects inside a narrow cone, and queries, being
 * texts, lie in another cone, at some distance from the pictures that they mean.
 */
export function clusteredSet({ count, dimension, queries }: VectorSetSize, seed = 1): VectorSet {
  const random = new Random(seed);
  const space = new Space(latentOf.clustered, dimension, random);
  const subjects = Array.from({ length: Math.ceil(count / 400) }, () => space.point());
  const [pictureCone, textCone] = [space.direction(1.2), space.direction(1.2)];
  const about = (spread: number) => space.near(subjects[random.below(subjects.length)]!, spread);
  return {
    dimension,
    vectors: rows(count, dimension, (row) => space.embed(about(0.7), pictureCone, 0.15, row)),
    queries: rows(queries, dimension, (row) => space.embed(about(0.7), textCone, 0.5, row)),
  };
}

/** No clusters, no cone, many directions: neighbours are hardly nearer than the rest. */
export function hardSet({ count, dimension, queries }: VectorSetSize, seed = 2): VectorSet {
  const space = new Space(latentOf.hard, dimension, new Random(seed));
  const embed = (row: Float32Array) =>
    space.embed(space.point(), new Float32Array(dimension), 0.3, row);
  return {
    dimension,
    vectors: rows(count, dimension, embed),
    queries: rows(queries, dimension, embed),
  };
}

/** Directions in which embeddings differ; there are fewer than numbers in an embedding. */
const latentOf = { clustered: 96, hard: 46 };

/** A random linear map from a few latent numbers to many. */
class Space {
  private readonly basis: Float32Array[];

  constructor(
    latent: number,
    private readonly dimension: number,
    private readonly random: Random,
  ) {
    const scale = 1 / Math.sqrt(latent);
    this.basis = Array.from({ length: latent }, () =>
      new Float32Array(dimension).map(() => scale * random.normal()),
    );
  }

  point(): Float32Array {
    return new Float32Array(this.basis.length).map(() => this.random.normal());
  }

  near(point: Float32Array, spread: number): Float32Array {
    return point.map((x) => x + spread * this.random.normal());
  }

  /** Of this length, a standard normal vector having length √dimension. */
  direction(length: number): Float32Array {
    return new Float32Array(this.dimension).map(() => length * this.random.normal());
  }

  /** row = unit(offset + basis · point + noise) */
  embed(point: Float32Array, offset: Float32Array, noise: number, row: Float32Array): void {
    const spread = noise * Math.sqrt(12); // uniform: as good as normal here, and faster
    for (let i = 0; i < row.length; i++)
      row[i] = offset[i]! + spread * (this.random.uniform() - 0.5);
    for (const [j, direction] of this.basis.entries()) {
      const weight = point[j]!;
      for (let i = 0; i < row.length; i++) row[i]! += weight * direction[i]!;
    }
    const scale = 1 / Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
    for (let i = 0; i < row.length; i++) row[i]! *= scale;
  }
}

function rows(count: number, dimension: number, fill: (row: Float32Array) => void): Float32Array {
  const all = new Float32Array(count * dimension);
  for (let row = 0; row < count; row++) fill(all.subarray(row * dimension, (row + 1) * dimension));
  return all;
}
