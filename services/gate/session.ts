// Who has the token: compared in constant time, and signed in by a cookie that does not hold it.

import { createHmac, timingSafeEqual } from 'node:crypto';

export const COOKIE = 'bifocal';

const DAYS = 30;
const SECONDS = DAYS * 24 * 60 * 60;

/** Compares without telling by its time how much of it is right. */
export function sameSecret(given: string, secret: string): boolean {
  // Of one length, whatever is given.
  const digest = (text: string) => createHmac('sha256', 'compare').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/** A cookie's value: until when it holds, signed with the token. Another token ends all of them. */
export function newSession(token: string, now = Date.now()): string {
  const until = String(Math.floor(now / 1000) + SECONDS);
  return `${until}.${signature(until, token)}`;
}

export function isSession(value: string, token: string, now = Date.now()): boolean {
  const [until = '', signed = ''] = value.split('.');
  return sameSecret(signed, signature(until, token)) && Number(until) * 1000 > now;
}

function signature(until: string, token: string): string {
  return createHmac('sha256', token).update(`session ${until}`).digest('base64url');
}

/** The Set-Cookie that signs in; without a value, the one that signs out. */
export function setCookie(value: string | null, secure: boolean): string {
  const age = value === null ? 0 : SECONDS;
  const flags = `HttpOnly; SameSite=Lax; Path=/; Max-Age=${age}${secure ? '; Secure' : ''}`;
  return `${COOKIE}=${value ?? ''}; ${flags}`;
}

/** The value of our cookie in a Cookie header. */
export function cookieIn(header: string | undefined): string | null {
  for (const pair of header?.split(';') ?? []) {
    const [name, value] = pair.trim().split('=');
    if (name === COOKIE) return value ?? null;
  }
  return null;
}
