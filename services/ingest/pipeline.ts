// Tools for streams of work: run ahead of the consumer by a bounded number, and gather into groups.

/**
 * Maps a stream in order, with up to `ahead` items under way at once, also while the consumer is busy
 * with something else. An item that fails ends the stream when its turn comes.
 */
export async function* mapAhead<T, R>(
  source: AsyncIterable<T> | Iterable<T>,
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  try {
    for await (const item of source) {
      const result = work(item);
      result.catch(() => {}); // Thrown below, in turn; not an unhandled rejection before.
      underWay.push(result);
      if (underWay.length >= ahead) yield await underWay.shift()!;
    }
    while (underWay.length > 0) yield await underWay.shift()!;
  } finally {
    await Promise.allSettled(underWay);
  }
}

/** Gathers a stream into arrays of `size`; the last may be shorter. */
export async function* groups<T>(source: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const item of source) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/**
 * Passes a stream on while asking for up to `size` items in advance, so that its maker works while
 * the consumer is busy. An async generator answers such requests one after another.
 */
export async function* buffered<T>(source: AsyncIterable<T>, size: number): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const asked: Promise<IteratorResult<T>>[] = [];
  try {
    for (;;) {
      while (asked.length < size) {
        const next = iterator.next();
        next.catch(() => {}); // Thrown below, in turn; not an unhandled rejection before.
        asked.push(next);
      }
      const { done, value } = await asked.shift()!;
      if (done) return;
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}
