// Parts of a file as HTTP words them (RFC 9110, section 14.1.2).

import { describe, expect, it } from 'vitest';
import { wantedSpan } from '../../app/_server/range';

const span = (range: string, size = 1000, more: HeadersInit = {}, method = 'GET') => {
  const headers = { Range: range, ...more };
  return wantedSpan(new Request('http://localhost', { method, headers }), size, '"now"');
};

describe('the part that a request wants', () => {
  it.each([
    ['bytes=0-499', { start: 0, end: 499 }],
    ['bytes=500-', { start: 500, end: 999 }],
    ['bytes=-200', { start: 800, end: 999 }],
    ['bytes=-2000', { start: 0, end: 999 }],
    ['bytes=990-2000', { start: 990, end: 999 }],
    ['bytes=999-999', { start: 999, end: 999 }],
  ])('%s', (range, wanted) => expect(span(range)).toEqual(wanted));

  it.each(['bytes=1000-', 'bytes=99999999999999999999-', 'bytes=-0'])(
    '%s is not there',
    (range) => {
      expect(span(range)).toBe(null);
    },
  );

  it.each(['', 'bytes=', 'bytes=-', 'bytes=5-2', 'bytes=a-b', 'lines=1-2', 'bytes=0-1,5-6'])(
    '"%s" is the whole',
    (range) => expect(span(range)).toBe(undefined),
  );

  it('is the whole for HEAD, and where the file has changed since', () => {
    expect(span('bytes=0-1', 10, {}, 'HEAD')).toBe(undefined);
    expect(span('bytes=0-1', 10, { 'If-Range': '"before"' })).toBe(undefined);
    expect(span('bytes=0-1', 10, { 'If-Range': 'Fri, 27 Nov 2026 00:00:00 GMT' })).toBe(undefined);
    expect(span('bytes=0-1', 10, { 'If-Range': '"now"' })).toEqual({ start: 0, end: 1 });
  });
});
