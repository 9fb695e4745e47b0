// Answers that are remembered: until what they depend on changes, and not while it has just done so.
import { expect, it } from 'vitest';
import { AnswerCache } from '../../app/_server/answer-cache';

function counting() {
  let made = 0;
  return { make: () => Promise.resolve(++made), made: () => made };
}

it('remembers an answer until the state changes', async () => {
  const cache = new AnswerCache<number>();
  const { make } = counting();
  expect(await cache.of('q', 'a', make, 0)).toEqual({ answer: 1, known: false });
  expect(await cache.of('q', 'a', make, 1)).toEqual({ answer: 1, known: true });
  expect(await cache.of('other', 'a', make, 2)).toEqual({ answer: 2, known: false });
  expect(await cache.of('q', 'b', make, 3)).toEqual({ answer: 3, known: false });
});

it('trusts a new state only after a while', async () => {
  const cache = new AnswerCache<number>();
  const { make } = counting();
  await cache.of('q', 'a', make, 0);
  for (const now of [10, 2000, 3009]) {
    expect((await cache.of('q', 'b', make, now)).known).toBe(false);
  }
  expect((await cache.of('q', 'b', make, 3010)).known).toBe(false);
  expect((await cache.of('q', 'b', make, 3011)).known).toBe(true);
});

it('asks once where many ask together, and again after a failure', async () => {
  const cache = new AnswerCache<number>();
  const { make, made } = counting();
  const answers = await Promise.all([1, 2, 3].map(() => cache.of('q', 'a', make, 0)));
  expect(answers.map(({ answer }) => answer)).toEqual([1, 1, 1]);
  expect(made()).toBe(1);
  const fails = () => Promise.reject(new Error('warming up'));
  await expect(cache.of('bad', 'a', fails, 0)).rejects.toThrow('warming up');
  expect((await cache.of('bad', 'a', make, 0)).answer).toBe(2);
});

it('forgets what was asked longest ago', async () => {
  const cache = new AnswerCache<number>();
  const { make } = counting();
  for (let n = 0; n <= 300; n++) await cache.of(String(n), 'a', make, 0);
  expect((await cache.of('1', 'a', make, 0)).known).toBe(true);
  expect((await cache.of('0', 'a', make, 0)).known).toBe(false);
});
