// Streams: order, bounds, errors.

import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { buffered, groups, mapAhead } from '../../services/ingest/pipeline';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let n = 0; n < count; n++) yield n;
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

test('results come in order, with no more under way than asked for', async () => {
  let underWay = 0;
  let most = 0;
  const slowFirst = async (n: number) => {
    most = Math.max(most, ++underWay);
    await setTimeout(n % 3 === 0 ? 5 : 1);
    underWay--;
    return n * n;
  };
  expect(await collect(mapAhead(numbers(20), 4, slowFirst))).toEqual(
    Array.from({ length: 20 }, (_, n) => n * n),
  );
  expect(most).toBe(4);
});

test('work goes on while the consumer is busy', async () => {
  const finished: number[] = [];
  const stream = mapAhead(numbers(10), 4, async (n) => finished.push(n));
  await stream.next();
  await setTimeout(5);
  expect(finished).toEqual([0, 1, 2, 3]);
  await stream.return(undefined);
});

test('an error comes in its turn and leaves nothing under way', async () => {
  const seen: number[] = [];
  let underWay = 0;
  const work = async (n: number) => {
    underWay++;
    await setTimeout(1);
    underWay--;
    if (n === 5) throw new Error('five');
    return n;
  };
  const consume = async () => {
    for await (const n of mapAhead(numbers(20), 4, work)) seen.push(n);
  };
  await expect(consume()).rejects.toThrow('five');
  expect(seen).toEqual([0, 1, 2, 3, 4]);
  expect(underWay).toBe(0);
});

test('groups have the size asked for, the last what is left', async () => {
  expect(await collect(groups(numbers(7), 3))).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
  expect(await collect(groups(numbers(0), 3))).toEqual([]);
});

test('a buffer asks ahead by its size and no more, and passes on errors in turn', async () => {
  let asked = 0;
  let ended = false;
  async function* source() {
    try {
      for (; asked < 20; asked++) yield asked;
      throw new Error('the end');
    } finally {
      ended = true;
    }
  }
  const stream = buffered(source(), 5);
  expect(await stream.next()).toEqual({ done: false, value: 0 });
  await setTimeout(5);
  expect(asked).toBe(4);
  const seen: number[] = [];
  const consume = async () => {
    for await (const n of stream) seen.push(n);
  };
  await expect(consume()).rejects.toThrow('the end');
  expect(seen).toEqual(Array.from({ length: 19 }, (_, n) => n + 1));
  expect(ended).toBe(true);
});
