// What is opened once for each caption length: graphs have fixed shapes, batches have several lengths.

/** Sessions that are kept; each keeps the memory of its activations. */
const KEPT = 3;

/** Opens on demand and keeps the few that were used last. */
export class ByLength<T extends { release(): Promise<void> }> {
  private readonly opened = new Map<number, T>();

  constructor(private readonly open: (length: number) => Promise<T>) {}

  async at(length: number): Promise<T> {
    const known = this.opened.get(length);
    if (known !== undefined) {
      // The map's order is that of use.
      this.opened.delete(length);
      this.opened.set(length, known);
      return known;
    }
    if (this.opened.size === KEPT) {
      const [oldest, unused] = this.opened.entries().next().value!;
      this.opened.delete(oldest);
      await unused.release();
    }
    const fresh = await this.open(length);
    this.opened.set(length, fresh);
    return fresh;
  }

  async release(): Promise<void> {
    for (const one of this.opened.values()) await one.release();
    this.opened.clear();
  }
}
