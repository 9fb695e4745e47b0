// The gate's judgements, one by one; that all routes stand behind it is tested on the real server (test/app/safe).

import { expect, it } from 'vitest';
import {
  exposure,
  isForged,
  isLoopback,
  isOurName,
  isSession,
  Limits,
  newSession,
  sameSecret,
} from '#gate';

const TOKEN = '0123456789abcdef';

it.each([
  'localhost',
  'LOCALHOST',
  '127.0.0.1',
  '127.9.9.9',
  '::1',
  '[::1]',
  '::ffff:127.0.0.1',
  'a.localhost',
])('knows %s for this machine', (host) => expect(isLoopback(host)).toBe(true));
it.each([
  '0.0.0.0',
  '::',
  '192.168.1.4',
  'pictures.example',
  '127.evil.example',
  'localhost.evil.example',
  '',
])('knows %s for no address of this machine alone', (host) => {
  expect(isLoopback(host)).toBe(false);
  expect(exposure(host, undefined)).toContain('BIFOCAL_TOKEN');
  expect(exposure(host, TOKEN)).toBe(null);
});

it('takes no token that can be guessed, not even at home', () => {
  expect(exposure('localhost', 'short')).toContain('16 characters');
  expect(exposure('localhost', undefined)).toBe(null);
});

it('compares secrets of any length', () => {
  expect(sameSecret(TOKEN, TOKEN)).toBe(true);
  for (const other of ['', TOKEN.slice(1), `${TOKEN}0`, TOKEN.toUpperCase()]) {
    expect(sameSecret(other, TOKEN)).toBe(false);
  }
});

it('signs sessions that end, with their time, and with their token', () => {
  const now = Date.UTC(2026, 0, 1);
  const session = newSession(TOKEN, now);
  expect(session).not.toContain(TOKEN);
  expect(isSession(session, TOKEN, now)).toBe(true);
  expect(isSession(session, TOKEN, now + 31 * 86_400_000)).toBe(false);
  expect(isSession(session, `${TOKEN}!`, now)).toBe(false);
  const [until, signed] = session.split('.');
  expect(isSession(`${Number(until) + 1}.${signed}`, TOKEN, now)).toBe(false);
  for (const forged of ['', '.', `${until}`, `${until}.`]) {
    expect(isSession(forged, TOKEN, now)).toBe(false);
  }
});

it.each([
  ['POST', { 'sec-fetch-site': 'cross-site' }, true],
  ['POST', { 'sec-fetch-site': 'same-site' }, true],
  ['DELETE', { 'sec-fetch-site': 'same-origin' }, false],
  ['POST', { 'sec-fetch-site': 'none' }, false],
  ['POST', { origin: 'http://evil.example', host: 'localhost:3000' }, true],
  ['POST', { origin: 'null', host: 'localhost:3000' }, true],
  ['POST', { origin: 'http://localhost:3001', host: 'localhost:3000' }, true],
  ['POST', { origin: 'http://localhost:3000', host: 'localhost:3000' }, false],
  ['POST', { host: 'localhost:3000' }, false],
  ['GET', { 'sec-fetch-site': 'cross-site' }, false],
])('%s with %o is forged: %s', (method, headers, forged) => {
  expect(isForged(method, headers)).toBe(forged);
});

it.each([
  ['localhost:3000', true],
  ['127.0.0.1:3000', true],
  ['[::1]:3000', true],
  ['evil.example:3000', false],
  ['evil.example', false],
  [undefined, false],
])('%s is a name of ours: %s', (host, ours) => {
  expect(isOurName(host, 'localhost')).toBe(ours);
});

it('lets each client ask so often, and again after a while', () => {
  const limits = new Limits();
  const ask = (client: string, now: number, local = false) =>
    limits.wait({ method: 'POST', path: '/login', client, local }, now);
  for (let n = 0; n < 10; n++) expect(ask('a', 0)).toBe(0);
  expect(ask('a', 0)).toBe(10);
  expect(ask('b', 0)).toBe(0);
  expect(ask('a', 5_000)).toBe(5);
  expect(ask('a', 10_000)).toBe(0);
  expect(ask('a', 10_000)).toBe(10);
  const search = { method: 'POST', path: '/api/v1/search', client: 'c' };
  const turns = (local: boolean) =>
    Array.from({ length: 200 }, () => limits.wait({ ...search, local }, 0)).filter((s) => s === 0);
  expect(turns(true)).toHaveLength(200);
  expect(turns(false)).toHaveLength(120);
});

it('lets nobody far away search without end, and leaves what is cheap alone', () => {
  const limits = new Limits();
  const answered = (path: string, method = 'GET') =>
    Array.from({ length: 400 }, () =>
      limits.wait({ method, path, client: 'c', local: false }, 0),
    ).filter((seconds) => seconds === 0).length;
  expect(answered('/api/v1/search')).toBe(300);
  // The page searches too, and so does a model that does not serve: the same turns.
  expect(answered('/')).toBe(0);
  expect(answered('/api/v1/search', 'HEAD')).toBe(0);
  expect(answered('/api/v1/models/abc/search')).toBe(0);
  expect(answered('/api/v1/items/7/why')).toBe(60);
  expect(answered('/api/v1/items/archive')).toBe(30);
  expect(answered('/api/v1/items/7/thumbnail')).toBe(400);
});
