// Whether a request comes from where it should: from our own pages, and by a name that is ours.

import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback, nameOf } from './address';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether another site had the browser send it. Browsers say so by Sec-Fetch-Site; older ones by Origin;
 * what is neither (curl, a program) is no browser, and no other site can have sent it.
 */
export function isForged(method: string, headers: IncomingHttpHeaders): boolean {
  if (SAFE.has(method)) return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin, host } = headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

/**
 * Whether the name by which this server was asked is its own. A page elsewhere can have its own name lead
 * to this machine and so pass for ours (DNS rebinding); where a token is asked for it has none.
 */
export function isOurName(host: string | undefined, listening: string): boolean {
  if (host === undefined) return false;
  const name = nameOf(host);
  return isLoopback(name) || name === listening.toLowerCase();
}
