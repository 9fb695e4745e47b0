// How near a query is to what it does not mean: its cosines with a sample of what an index holds.

import { IdSet, type VectorIndex } from '#vectors';

const sampleSize = 1_024;

export class Background {
  /** By the set that it was taken from; what an index holds without a filter stands for itself. */
  private samples = new WeakMap<object, IdSet>();

  constructor(private readonly index: VectorIndex) {}

  /** The index has changed. */
  forget(): void {
    this.samples = new WeakMap();
  }

  /** The cosines of `query` with the sample of what is held, `within` a set if given; the largest first. */
  async cosines(query: Float32Array, within?: IdSet): Promise<Float32Array> {
    const from = within ?? this.index;
    const sample = this.samples.get(from) ?? new IdSet(this.draw(within));
    this.samples.set(from, sample);
    const found = await this.index.search(query, sample.size, { within: sample });
    return Float32Array.from(found, ({ score }) => score);
  }

  /** Those with the least hashes, so that a sample stays nearly the same while the library grows. */
  private draw(within: IdSet | undefined): Uint32Array {
    const ids = Uint32Array.from(within?.ids ?? this.index.ids()).filter((id) =>
      this.index.has(id),
    );
    if (ids.length <= sampleSize) return ids.sort();
    const hashes = ids.map(hash);
    const limit = hashes.toSorted()[sampleSize - 1]!;
    return ids
      .filter((_, i) => hashes[i]! <= limit)
      .slice(0, sampleSize)
      .sort();
  }
}

/** A bijection of 32 bits (the finaliser of MurmurHash3), so that no two ids share a hash. */
function hash(id: number): number {
  let bits = id ^ (id >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
