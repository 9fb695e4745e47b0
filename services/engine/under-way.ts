// What has been asked and not been answered yet, by number. No Map: each time that one grows anew its former
// table points to the next, so that once a table has become old, all later ones, with all that was under way
// at those moments, stay until the next full collection.

export class UnderWay<T> {
  private readonly places: (T | undefined)[] = [];
  private readonly free: number[] = [];

  /** Keeps it under a number that nothing else under way has. */
  put(one: T): number {
    const number = this.free.pop() ?? this.places.length;
    this.places[number] = one;
    return number;
  }

  /** Gives up what is under way by that number. */
  take(number: number): T | undefined {
    const one = this.places[number];
    if (one === undefined) return undefined;
    this.places[number] = undefined;
    this.free.push(number);
    return one;
  }

  /** Gives up everything. */
  takeAll(): T[] {
    return [...this.places.keys()].flatMap((number) => this.take(number) ?? []);
  }
}
