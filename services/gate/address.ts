// Which addresses are this machine's own, and what may be served on others.

import { isIP } from 'node:net';

/** Shorter ones can be guessed by whoever has time. */
const SHORTEST_TOKEN = 16;

/** Whether a host name or an address means this machine only. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true;
  const v4 = name.replace(/^::ffff:/, '');
  return isIP(v4) === 4 && v4.startsWith('127.');
}

/** Why a server must not listen at `host` with this token, in one line; null if it may. */
export function exposure(host: string, token: string | undefined): string | null {
  if (token !== undefined && token.length < SHORTEST_TOKEN) {
    return `BIFOCAL_TOKEN needs ${SHORTEST_TOKEN} characters or more; try: openssl rand -hex 16`;
  }
  if (token !== undefined || isLoopback(host)) return null;
  return `others can reach ${host}: set BIFOCAL_TOKEN (openssl rand -hex 16), or serve on localhost`;
}

/** The name in a Host header, without its port. */
export function nameOf(host: string): string {
  return host
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
}
