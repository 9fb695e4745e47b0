// 64-bit hashes that differ in few bits, by multi-index hashing (Norouzi, Punjani, Fleet, "Fast
// Search in Hamming Space with Multi-Index Hashing", 2012): no comparison of all with all.

/** A hash is cut into so many parts of 16 bits. */
const PARTS = 4;
const KEYS = 1 << 16;

/**
 * Two hashes that differ in at most this many bits have a part in which they differ in at most one. So
 * each part of each hash is looked up as it is and with each of its bits changed.
 */
export const MOST_BITS = 2 * PARTS - 1;

/** 64-bit hashes that can be asked for those like one of them. */
export class HashIndex {
  private readonly high: Uint32Array;
  private readonly low: Uint32Array;
  private readonly parts: Part[];

  /** @param hashes - 16 hexadecimal digits each. */
  constructor(hashes: readonly string[]) {
    const half = (from: number) =>
      Uint32Array.from(hashes, (hash) => Number.parseInt(hash.slice(from, from + 8), 16));
    [this.high, this.low] = [half(0), half(8)];
    this.parts = Array.from({ length: PARTS }, (_, part) => partOf(part, this.high, this.low));
  }

  /** How many bits of the hash at a place are set. */
  setBits(place: number): number {
    return bitCount(this.high[place]!) + bitCount(this.low[place]!);
  }

  /** In how many bits two hashes differ. */
  differing(a: number, b: number): number {
    return bitCount(this.high[a]! ^ this.high[b]!) + bitCount(this.low[a]! ^ this.low[b]!);
  }

  /**
   * The other places whose hashes differ from that at `place` in at most `bits` bits, in no order.
   *
   * @param bits - at most MOST_BITS.
   */
  near(place: number, bits: number): number[] {
    if (bits > MOST_BITS) throw new RangeError(`at most ${MOST_BITS} bits, not ${bits}`);
    const found = new Set<number>();
    for (const { keys, starts, places } of this.parts) {
      for (let bit = -1; bit < 16; bit++) {
        const key = bit < 0 ? keys[place]! : keys[place]! ^ (1 << bit);
        for (let at = starts[key]!; at < starts[key + 1]!; at++) {
          const other = places[at]!;
          if (this.differing(place, other) <= bits) found.add(other);
        }
      }
    }
    found.delete(place);
    return [...found];
  }
}

/** One part of all hashes, and the places of each of its values: places[starts[key] … starts[key + 1]). */
interface Part {
  keys: Uint16Array;
  starts: Uint32Array;
  places: Uint32Array;
}

function partOf(part: number, high: Uint32Array, low: Uint32Array): Part {
  const keys = Uint16Array.from(high, (bits, at) => keyOf(part, bits, low[at]!));
  const starts = new Uint32Array(KEYS + 1);
  for (const key of keys) starts[key + 1]!++;
  for (let key = 0; key < KEYS; key++) starts[key + 1]! += starts[key]!;
  const next = starts.slice();
  const places = new Uint32Array(high.length);
  keys.forEach((key, place) => (places[next[key]!++] = place));
  return { keys, starts, places };
}

/**
 * Every fourth bit, from another one on in each part: so a part has bits of the whole picture, where
 * sixteen neighbours would often be all sky.
 */
function keyOf(part: number, high: number, low: number): number {
  let key = 0;
  for (let at = 0; at < 8; at++) {
    key |= ((high >>> (4 * at + part)) & 1) << at;
    key |= ((low >>> (4 * at + part)) & 1) << (at + 8);
  }
  return key;
}

/** Of 32 bits (H. S. Warren, "Hacker's Delight", 5-1). */
function bitCount(bits: number): number {
  bits -= (bits >>> 1) & 0x55555555;
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
