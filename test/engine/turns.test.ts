// What comes in at once is dealt with over several turns of the event loop, in its order.

import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Turns } from '../../services/engine/turns';

/** What is done turn by turn, until everything is. */
async function doneByTurn(done: readonly number[], all: number): Promise<number[]> {
  const after = [done.length];
  while (done.length < all) {
    await turn();
    after.push(done.length);
  }
  return after;
}

it('leaves the event loop to others between a few answers and the next', async () => {
  const done: number[] = [];
  const turns = new Turns();
  turns.put(Array.from({ length: 64 }, (_, n) => () => done.push(n)));
  const after = await doneByTurn(done, 64);
  const most = Math.max(...after.map((count, i) => count - (after[i - 1] ?? 0)));
  expect(most).toBe(8);
  expect(done).toEqual([...Array(64).keys()]);
});

it('deals with few at once, and with what comes meanwhile after what came before', async () => {
  const done: number[] = [];
  const tasks = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => () => done.push(from + n));
  const turns = new Turns();
  turns.put(tasks(0, 3));
  expect(done).toEqual([0, 1, 2]);
  turns.put(tasks(3, 23));
  turns.put(tasks(23, 24));
  expect(done).not.toContain(23);
  await doneByTurn(done, 24);
  expect(done).toEqual([...Array(24).keys()]);
});
