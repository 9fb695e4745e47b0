// A queue of past embeddings with the numbers of what they are embeddings of, first in, first out.

import { Tensor } from '#runtime';
import type { StateValues } from './stepper';

/** The number of a place that nothing was put into yet. */
const EMPTY = -1;

export class Queue {
  private readonly embeddings: Float32Array;
  /** Numbers of pictures or captions, exact in float32 up to 2²⁴. */
  private readonly numbers: Float32Array;
  /** The place that is filled next. */
  private readonly next: Float32Array;

  /** `values` may hold what `read` gave, under `name`; otherwise the queue is empty. */
  constructor(
    private readonly name: string,
    private readonly size: number,
    private readonly dimension: number,
    values: StateValues,
  ) {
    const saved = (suffix: string) => values.get(name + suffix)?.slice();
    this.embeddings = saved('') ?? new Float32Array(size * dimension);
    this.numbers = saved('.numbers') ?? new Float32Array(size).fill(EMPTY);
    this.next = saved('.next') ?? Float32Array.of(0);
  }

  /** Puts embeddings, [rows, dimension], in place of the oldest, each scaled to length 1. */
  push(embeddings: Float32Array, numbers: ArrayLike<number>): void {
    for (let row = 0; row < numbers.length; row++) {
      const place = this.next[0]!;
      const vector = embeddings.subarray(row * this.dimension, (row + 1) * this.dimension);
      const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
      const target = place * this.dimension;
      vector.forEach((x, column) => (this.embeddings[target + column] = x / norm));
      this.numbers[place] = numbers[row]!;
      this.next[0] = (place + 1) % this.size;
    }
  }

  /** [size, dimension], zeros where the queue is empty; it changes with the next push. */
  tensor(): Tensor {
    return new Tensor('float32', this.embeddings, [this.size, this.dimension]);
  }

  /**
   * Which entries are negatives of which rows, [rows, size]: 0 where an entry is true of a row or
   * the place is empty, else 1.
   * @param rows numbers of the other kind: of captions for a queue of pictures
   */
  allowed(rows: ArrayLike<number>, isTrue: (row: number, entry: number) => boolean): Tensor {
    const data = new Float32Array(rows.length * this.size);
    for (let row = 0; row < rows.length; row++) {
      this.numbers.forEach((entry, place) => {
        const negative = entry !== EMPTY && !isTrue(rows[row]!, entry);
        data[row * this.size + place] = Number(negative);
      });
    }
    return new Tensor('float32', data, [rows.length, this.size]);
  }

  /** Copies the queue, under its name. */
  read(): StateValues {
    return new Map([
      [this.name, this.embeddings.slice()],
      [`${this.name}.numbers`, this.numbers.slice()],
      [`${this.name}.next`, this.next.slice()],
    ]);
  }
}
