// The gate before everything that this server answers: who may pass, and what every answer says about itself.
// Nothing behind it asks again.

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback } from './address';
import { API_POLICY, pagePolicy, SECURITY_HEADERS } from './headers';
import { Limits } from './limits';
import { loginPage, ownPath } from './login';
import { isForged, isOurName } from './origin';
import { refuse, type Refusal } from './refusal';
import { cookieIn, isSession, newSession, sameSecret, setCookie } from './session';

/** Others are asked by nobody who means well. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);

/** A form with a token. */
const MAX_FORM_BYTES = 4096;

/** A backslash is a slash to some. */
const CLIMBING = /\\|(^|\/)(\.|%2e){1,2}(\/|$)/i;

/** Without them a login page has no icon, and a watchdog no answer; they say nothing about the library. */
const OPEN = new Set(['/api/health', '/icon.svg', '/favicon.ico']);

export interface GateOptions {
  /** The name or address that the server listens on. */
  host: string;
  /** Without one everybody passes who can reach the server. */
  token: string | undefined;
  /** What may be asked at a path below /api; nothing if there is nothing. Undefined while the app loads. */
  methodsOf: (path: string) => string[] | undefined;
}

export class Gate {
  private readonly limits = new Limits();

  constructor(private readonly options: GateOptions) {}

  /** Whether a request may go on; one that may not has been answered. Sets headers on both. */
  async admit(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const path = (request.url ?? '/').split('?', 1)[0]!;
    const nonce = randomBytes(16).toString('base64');
    this.dress(request, response, path, nonce);
    const refusal = this.refuse(request, path);
    if (refusal !== null) return refuse(response, refusal);
    if (path === '/login') return this.login(request, response, nonce);
    if (path === '/logout' && request.method === 'POST') {
      return redirect(response, '/login', setCookie(null, isSecure(request)));
    }
    if (OPEN.has(path) || this.isSignedIn(request)) return this.leads(request, response, path);
    if (isPage(path) && request.method === 'GET') {
      return redirect(response, `/login?to=${encodeURIComponent(request.url!)}`);
    }
    response.setHeader('WWW-Authenticate', 'Bearer');
    return refuse(response, [401, 'Send the token: Authorization: Bearer …']);
  }

  /** Next reads a page's nonce from the policy that it finds on the request. */
  private dress(request: IncomingMessage, response: ServerResponse, path: string, nonce: string) {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const policy = isPage(path) ? pagePolicy(nonce) : API_POLICY;
    response.setHeader('Content-Security-Policy', policy);
    request.headers['content-security-policy'] = policy;
    delete request.headers['content-security-policy-report-only'];
  }

  private refuse(request: IncomingMessage, path: string): Refusal | null {
    const { method = 'GET', headers, socket } = request;
    const { host, token } = this.options;
    if (!METHODS.has(method)) return [501, `${method} is nothing that this server does.`];
    // A whole address is for proxies, and would be taken for one to go on to.
    if (!path.startsWith('/')) return [400, 'Ask for a path, not for a whole address.'];
    // Next goes where such a path leads; limits and the table of operations take it as it stands.
    if (CLIMBING.test(path)) return [400, 'Ask for the path itself, without . or .. in it.'];
    if (!isDecodable(path))
      return [400, 'A % in the path is not followed by UTF-8 in hexadecimal.'];
    if (token === undefined && !isOurName(headers.host, host)) {
      return [421, `This server is not ${headers.host ?? 'nameless'}; it listens on ${host}.`];
    }
    if (isForged(method, headers)) return [403, 'Another site sent this; that is not allowed.'];
    const client = socket.remoteAddress ?? '';
    const seconds = this.limits.wait({ method, path, client, local: isLoopback(client) });
    return seconds === 0 ? null : [429, `Too often; try again in ${seconds} s.`, seconds];
  }

  /** Whether there is something at a path that understands the method; else it says so. */
  private leads(request: IncomingMessage, response: ServerResponse, path: string): boolean {
    const methods = this.methodsAt(path);
    if (methods === undefined) return true;
    if (methods.length === 0) return refuse(response, [404, 'Nothing is here; see /api/docs.']);
    if (methods.includes(request.method!)) return true;
    response.setHeader('Allow', methods.join(', '));
    return refuse(response, [405, `${request.method} is not for this; ${methods.join(', ')} are.`]);
  }

  private methodsAt(path: string): string[] | undefined {
    if (/^\/api(\/|$)/.test(path)) return this.options.methodsOf(path);
    // Next has ways of its own that nothing here takes: it would cut pictures, and pages would take forms.
    return /^\/_next\/(?!static\/)/.test(path) ? [] : ['GET', 'HEAD'];
  }

  private isSignedIn({ headers }: IncomingMessage): boolean {
    const { token } = this.options;
    if (token === undefined) return true;
    const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    if (bearer !== undefined) return sameSecret(bearer, token);
    const cookie = cookieIn(headers.cookie);
    return cookie !== null && isSession(cookie, token);
  }

  private async login(request: IncomingMessage, response: ServerResponse, nonce: string) {
    const { token } = this.options;
    const { searchParams } = new URL(request.url!, 'http://localhost');
    if (token === undefined) return redirect(response, '/');
    const form = request.method === 'POST' ? await readForm(request) : null;
    const to = ownPath((form ?? searchParams).get('to'));
    if (form !== null && sameSecret(form.get('token') ?? '', token)) {
      return redirect(response, to, setCookie(newSession(token), isSecure(request)));
    }
    const language = request.headers['accept-language'];
    const page = loginPage({ nonce, to, wrong: form !== null, language });
    response.writeHead(form === null ? 200 : 401, {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
    });
    response.end(page);
    return false;
  }
}

/** Whether a path is a page's, and not the API's or a file's. */
function isPage(path: string): boolean {
  return !/^\/(api|_next|metrics)(\/|$)/.test(path) || path === '/api/docs';
}

/** What is not ends in Next with a bare 500. */
function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function isSecure({ headers }: IncomingMessage): boolean {
  return headers['x-forwarded-proto'] === 'https';
}

function redirect(response: ServerResponse, location: string, cookie?: string): false {
  if (cookie !== undefined) response.setHeader('Set-Cookie', cookie);
  response.writeHead(303, { Location: location, 'Cache-Control': 'no-store' }).end();
  return false;
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > MAX_FORM_BYTES) break;
  }
  return new URLSearchParams(text.slice(0, MAX_FORM_BYTES));
}
