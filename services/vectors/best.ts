// The k best of a stream of scores: a bounded heap with the worst kept neighbour on top.

import type { Neighbour } from './types';

/** Better first: higher score, then lower id, so that answers do not depend on insertion order. */
export function byScore(a: Neighbour, b: Neighbour): number {
  return b.score - a.score || a.id - b.id;
}

export class Best {
  private readonly heap: Neighbour[] = [];

  constructor(private readonly k: number) {}

  offer(id: number, score: number): void {
    if (this.heap.length < this.k) {
      this.heap.push({ id, score });
      this.rise(this.heap.length - 1);
      return;
    }
    const worst = this.heap[0];
    if (!worst || score < worst.score || (score === worst.score && id > worst.id)) return;
    this.heap[0] = { id, score };
    this.sink(0);
  }

  /** The kept neighbours, best first. */
  sorted(): Neighbour[] {
    return this.heap.sort(byScore);
  }

  private rise(child: number): void {
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (byScore(this.heap[parent]!, this.heap[child]!) >= 0) return;
      this.swap(parent, child);
      child = parent;
    }
  }

  private sink(parent: number): void {
    for (;;) {
      let worst = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) {
        if (child < this.heap.length && byScore(this.heap[child]!, this.heap[worst]!) > 0) {
          worst = child;
        }
      }
      if (worst === parent) return;
      this.swap(parent, worst);
      parent = worst;
    }
  }

  private swap(a: number, b: number): void {
    [this.heap[a], this.heap[b]] = [this.heap[b]!, this.heap[a]!];
  }
}
