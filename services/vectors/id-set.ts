// A set of ids that a search is kept within: walked in order, or asked for one id in constant time.

/** Ids that share all but their lowest 16 bits share a page of 2¹⁶ bits, 8 KB. */
const pageBits = 16;
const pageWords = 2 ** (pageBits - 5);

export class IdSet {
  /** Ascending, each once. */
  readonly ids: Uint32Array;
  private readonly pages = new Map<number, Uint32Array>();

  /** `ids` in any order; an array that is ascending already is kept, not copied. */
  constructor(ids: ArrayLike<number>) {
    this.ids = ascending(ids);
    for (const id of this.ids) {
      const number = id >>> pageBits;
      let page = this.pages.get(number);
      if (!page) this.pages.set(number, (page = new Uint32Array(pageWords)));
      page[(id >>> 5) % pageWords]! |= 1 << (id & 31);
    }
  }

  get size(): number {
    return this.ids.length;
  }

  has(id: number): boolean {
    const word = this.pages.get(id >>> pageBits)?.[(id >>> 5) % pageWords] ?? 0;
    return ((word >>> (id & 31)) & 1) === 1;
  }
}

function ascending(ids: ArrayLike<number>): Uint32Array {
  const array = ids instanceof Uint32Array ? ids : Uint32Array.from(ids);
  for (let i = 1; i < array.length; i++) {
    if (array[i - 1]! >= array[i]!) return Uint32Array.from(new Set(array)).sort();
  }
  return array;
}
