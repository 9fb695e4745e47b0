// What the server says of itself: what is its own fault, and what is not.
import { afterEach, expect, it, vi } from 'vitest';
import { explain } from '../../app/_server/problem';

const log = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
afterEach(() => void log.mockClear());

it('writes down what nobody expected, and tells nobody', () => {
  const told = explain(new Error('/home/me/secret is locked'));
  expect(told).toMatchObject({ status: 500 });
  expect(told.message).not.toContain('secret');
  expect(log.mock.calls.join()).toContain('/home/me/secret is locked');
});

it('has nothing to write down where the one who asked has left', () => {
  const aborted = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
  expect(explain(aborted).status).toBe(400);
  expect(log).not.toHaveBeenCalled();
});

it.each([null, undefined, 'text'])('takes %s that was thrown for its own fault', (thrown) => {
  expect(explain(thrown).status).toBe(500);
});
