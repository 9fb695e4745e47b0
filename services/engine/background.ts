// How near a query is to what it does not mean: its cosines with a sample of what an index holds.

import { dot, type ExactIndex, type IdSet } from '#vectors';

const sampleSize = 1_024;

interface Sample {
  ids: Uint32Array;
  /** Their vectors, side by side: looked up one by one they would take five times as long. */
  rows: Float32Array;
}

export class Background {
  /** Of all that the index holds. */
  private whole: Sample | undefined;
  /** By the filter's set that it was taken from. */
  private within = new WeakMap<IdSet, Sample>();

  constructor(private readonly index: ExactIndex) {}

  /** Whatever the index holds now, it is not what it held. */
  forget(): void {
    this.whole = undefined;
    this.within = new WeakMap();
  }

  /** The index has changed by these. While pictures come in, looking at every id holds up searches. */
  change(added: Uint32Array, removed: Uint32Array): void {
    const { whole } = this;
    this.forget();
    if (!whole) return;
    const gone = new Set(removed);
    // Which others follow on what has gone from the sample, only all of them know.
    if (!whole.ids.some((id) => gone.has(id))) this.whole = this.sample([...whole.ids, ...added]);
  }

  /** The cosines of `query`, of length one, with the sample of what is held, `within` a set if given. */
  cosines(query: Float32Array, within?: IdSet): Float32Array {
    const { rows } = within ? this.sampleWithin(within) : this.sampleOfAll();
    const { dimension } = this.index;
    return Float32Array.from({ length: rows.length / dimension }, (_, row) =>
      dot(query, rows, row * dimension),
    );
  }

  private sampleOfAll(): Sample {
    return (this.whole ??= this.sample(this.index.ids()));
  }

  private sampleWithin(set: IdSet): Sample {
    const sample = this.within.get(set) ?? this.sample(set.ids);
    this.within.set(set, sample);
    return sample;
  }

  private sample(from: Iterable<number>): Sample {
    const { dimension } = this.index;
    const ids = this.draw(from);
    const rows = new Float32Array(ids.length * dimension);
    ids.forEach((id, row) => rows.set(this.index.vectorOf(id)!, row * dimension));
    return { ids, rows };
  }

  /** Those with the least hashes, so that a sample stays nearly the same while the library grows. */
  private draw(from: Iterable<number>): Uint32Array {
    const ids = Uint32Array.from(from).filter((id) => this.index.has(id));
    if (ids.length <= sampleSize) return ids.sort();
    const hashes = ids.map(hash);
    const limit = hashes.toSorted()[sampleSize - 1]!;
    return ids.filter((_, i) => hashes[i]! <= limit).sort();
  }
}

/** A bijection of 32 bits (the finaliser of MurmurHash3), so that no two ids share a hash. */
function hash(id: number): number {
  let bits = id ^ (id >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
