// Joining concurrent requests into one run.

import { describe, expect, it } from 'vitest';
import { Batcher } from '#batcher';

function recording(limit: number) {
  const runs: string[][] = [];
  const batcher = new Batcher((texts: string[]) => {
    runs.push(texts);
    if (texts.includes('bad')) return Promise.reject(new Error('bad text'));
    return Promise.resolve(texts.map((text) => text.toUpperCase()));
  }, limit);
  return { runs, batcher };
}

describe('Batcher', () => {
  it('runs together what arrives together, and gives everyone their own', async () => {
    const { runs, batcher } = recording(10);
    const answers = await Promise.all([
      batcher.ask(['a', 'b']),
      batcher.ask(['c']),
      batcher.ask(['d', 'e']),
    ]);
    expect(answers).toEqual([['A', 'B'], ['C'], ['D', 'E']]);
    expect(runs).toEqual([['a', 'b', 'c', 'd', 'e']]);
  });

  it('collects the next batch while one runs', async () => {
    const runs: string[][] = [];
    let finish = () => {};
    const batcher = new Batcher((texts: string[]) => {
      runs.push(texts);
      return new Promise<string[]>((resolve) => (finish = () => resolve(texts)));
    }, 10);
    const first = batcher.ask(['a']);
    await expect.poll(() => runs).toEqual([['a']]);
    const others = [batcher.ask(['b']), batcher.ask(['c'])];
    finish();
    expect(await first).toEqual(['a']);
    await expect.poll(() => runs).toEqual([['a'], ['b', 'c']]);
    finish();
    expect(await Promise.all(others)).toEqual([['b'], ['c']]);
  });

  it('keeps runs within the limit, but never splits a request', async () => {
    const { runs, batcher } = recording(3);
    const requests = [['a', 'b'], ['c', 'd'], ['e'], ['f', 'g', 'h', 'i'], ['j']];
    const answers = await Promise.all(requests.map((texts) => batcher.ask(texts)));
    expect(answers.flat().join('')).toBe('ABCDEFGHIJ');
    expect(runs).toEqual([['a', 'b'], ['c', 'd', 'e'], ['f', 'g', 'h', 'i'], ['j']]);
  });

  it('tells everyone of a run that failed, and runs the next', async () => {
    const { batcher } = recording(2);
    const settled = await Promise.allSettled([
      batcher.ask(['bad']),
      batcher.ask(['b']),
      batcher.ask(['c']),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(await batcher.ask(['d'])).toEqual(['D']);
  });
});
