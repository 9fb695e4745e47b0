// The server as somebody hostile finds it: every route behind the token, other sites, addresses that are not its own.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import http from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '#client';
import { entry, root } from './library';
import { freePort, SLOWEST_START, startEmptySite, type Site } from './site';

const TOKEN = 'a token of the tests';

/** What answers without a token, by intent. */
const OPEN = ['GET /api/health'];

describe('a server with a token', () => {
  let site: Site;
  beforeAll(async () => {
    site = await startEmptySite(TOKEN);
  }, SLOWEST_START);
  afterAll(() => site?.close());

  const ask = (address: string, init: RequestInit = {}) =>
    fetch(site.url + address, { redirect: 'manual', ...init });
  const signIn = (token: string, to = '/') =>
    ask('/login', { method: 'POST', body: new URLSearchParams({ token, to }) });

  it('has no route that answers without it', async () => {
    const routes = await everyRoute();
    expect(routes.length).toBeGreaterThan(8);
    for (const { method, address } of routes) {
      const response = await ask(address, { method });
      const open = OPEN.includes(`${method} ${address}`);
      const login = response.headers.get('Location')?.startsWith('/login') ?? false;
      const refused = response.status === 401 || login;
      expect([method, address, refused]).toEqual([method, address, !open]);
      if (open || login) continue;
      expect(response.headers.get('Content-Type')).toBe('application/problem+json');
      expect(response.headers.get('WWW-Authenticate')).toBe('Bearer');
    }
  });

  it.each(['/', '/?q=cat', '/library', '/_next/static/x.js', '/%2e%2e/api/v1/status'])(
    'shows nothing of %s',
    async (address) => {
      const response = await ask(address);
      expect([303, 401]).toContain(response.status);
      expect(await response.text()).not.toContain('__next');
    },
  );

  it('answers a program that sends it, and none that sends another', async () => {
    expect((await createClient({ url: site.url, token: TOKEN }).status()).state).toBe('ready');
    for (const token of ['', 'wrong', `${TOKEN}x`]) {
      const headers = { Authorization: `Bearer ${token}` };
      expect((await ask('/api/v1/status', { headers })).status).toBe(401);
    }
  });

  it('signs a person in by a cookie that no script and no other site can use', async () => {
    const page = await ask('/?q=cat');
    expect(page.headers.get('Location')).toBe('/login?to=%2F%3Fq%3Dcat');
    const login = await (await ask('/login?to=%2F%3Fq%3Dcat')).text();
    expect(login).toContain('name="to" value="/?q=cat"');
    const wrong = await signIn('nope');
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('Set-Cookie')).toBe(null);

    const response = await signIn(TOKEN, '/?q=cat');
    expect(response.headers.get('Location')).toBe('/?q=cat');
    const cookie = response.headers.get('Set-Cookie')!;
    expect(cookie).toMatch(/; HttpOnly; SameSite=Lax; Path=\//);
    expect(cookie).not.toContain(TOKEN);
    const headers = { Cookie: cookie.split(';')[0]! };
    expect((await ask('/api/v1/status', { headers })).status).toBe(200);
    expect((await ask('/', { headers })).status).toBe(200);
    const forged = { ...headers, 'Sec-Fetch-Site': 'cross-site' };
    expect((await ask('/api/v1/jobs', { method: 'POST', headers: forged })).status).toBe(403);
    const left = await ask('/logout', { method: 'POST', headers });
    expect(left.headers.get('Set-Cookie')).toMatch(/^bifocal=; .*Max-Age=0/);
  });

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)'])(
    'never leads to %s after signing in',
    async (to) => {
      expect((await signIn(TOKEN, to)).headers.get('Location')).toBe('/');
      const page = await (await ask(`/login?to=${encodeURIComponent('/"><script>')}`)).text();
      expect(page).not.toContain('"><script>');
    },
  );

  it('lets nobody guess for long', async () => {
    const statuses = await Promise.all(Array.from({ length: 12 }, () => signIn('guess')));
    const refused = statuses.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0]!.headers.get('Retry-After'))).toBeGreaterThan(0);
  });
});

describe('a server without a token', () => {
  let site: Site;
  beforeAll(async () => {
    site = await startEmptySite();
  }, SLOWEST_START);
  afterAll(() => site?.close());

  it('answers only to names of this machine', async () => {
    const { port } = new URL(site.url);
    const as = (host: string) =>
      new Promise<number>((resolve, reject) => {
        http
          .get({ port, host: 'localhost', path: '/api/v1/status', headers: { Host: host } })
          .on('response', (response) => resolve(response.resume().statusCode!))
          .on('error', reject);
      });
    expect(await as(`localhost:${port}`)).toBe(200);
    expect(await as(`127.0.0.1:${port}`)).toBe(200);
    expect(await as('evil.example')).toBe(421);
    expect(await as(`localhost.evil.example:${port}`)).toBe(421);
  });

  it('says what it does not do, whatever is asked', async () => {
    const { port } = new URL(site.url);
    const ask = (method: string, address: string) =>
      new Promise<[status: number, headers: http.IncomingHttpHeaders]>((resolve, reject) => {
        http
          .request({ port, host: 'localhost', path: address, method })
          .on('response', (answer) => resolve([answer.resume().statusCode!, answer.headers]))
          .on('error', reject)
          .end();
      });
    for (const [method, address, status] of [
      ['GET', '/api/v1/nothing', 404],
      ['GET', '/api', 404],
      ['DELETE', '/api/v1/search', 405],
      ['TRACE', '/api/v1/search', 501],
      ['GET', 'http://evil.example/api/v1/status', 400],
      ['GET', '/metrics/../api/v1/status', 400],
      ['GET', '/api/v1/items/%2e%2E/why?words=a', 400],
      ['POST', '/', 405],
      ['GET', '/_next/image?url=%2Ficon.svg&w=64&q=75', 404],
    ] as const) {
      const [answered, headers] = await ask(method, address);
      expect([method, address, answered]).toEqual([method, address, status]);
      expect(headers['content-type']).toBe('application/problem+json');
      if (status === 405) {
        expect(headers.allow).toBe(address === '/' ? 'GET, HEAD' : 'GET, POST, HEAD, OPTIONS');
      }
    }
    expect((await ask('HEAD', '/api/v1/status'))[0]).toBe(200);
  });

  it('tells as clearly what it cannot read, and changes to no other protocol', async () => {
    const { port } = new URL(site.url);
    const send = (...lines: string[]) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(Number(port), 'localhost').setEncoding('utf8');
        let text = '';
        socket.on('error', reject).on('data', (part) => (text += part));
        socket.on('close', () => resolve(text));
        socket.write([...lines, '', ''].join('\r\n'));
      });
    const status = 'GET /api/v1/status HTTP/1.1';
    const lengths = ['Host: localhost', 'Content-Length: 4', 'Transfer-Encoding: chunked'];
    for (const [lines, code] of [
      [['hello'], 400],
      [[status, ...lengths], 400],
      [[status, 'Host: localhost', `Cookie: ${'a'.repeat(20_000)}`], 431],
    ] as const) {
      const answer = await send(...lines);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${code} `));
      expect(answer).toContain('application/problem+json');
      expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ status: code });
    }
    const upgrade = ['Host: localhost', 'Upgrade: websocket', 'Connection: Upgrade, close'];
    expect(await send(status, ...upgrade)).toMatch(/^HTTP\/1.1 200 /);
    expect(await send('GET /_next/webpack-hmr HTTP/1.1', ...upgrade)).toMatch(/^HTTP\/1.1 404 /);
  });

  it('does nothing that another site asks for', async () => {
    const send = (headers: Record<string, string>) =>
      fetch(`${site.url}/api/v1/jobs`, { method: 'POST', headers });
    expect((await send({ Origin: 'http://evil.example' })).status).toBe(403);
    expect((await send({ 'Sec-Fetch-Site': 'same-site' })).status).toBe(403);
    expect((await send({ Origin: site.url })).status).toBe(415);
  });

  it('lets a page run its own scripts and styles only', async () => {
    const [one, two] = await Promise.all([fetch(site.url), fetch(site.url)]);
    const policy = one.headers.get('Content-Security-Policy')!;
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("frame-ancestors 'none'");
    expect(one.headers.get('X-Content-Type-Options')).toBe('nosniff');
    const nonce = /'nonce-([^']+)'/.exec(policy)![1]!;
    expect(two.headers.get('Content-Security-Policy')).not.toContain(nonce);
    const html = await one.text();
    const scripts = html.match(/<script\b[^>]*>/g)!;
    expect(scripts.filter((script) => !script.includes(`nonce="${nonce}"`))).toEqual([]);
    expect(html).not.toMatch(/<[^>]+\s(style|on\w+)=/);
  });
});

it.each([
  [
    ['--host', '0.0.0.0'],
    undefined,
    /^bifocal: others can reach 0\.0\.0\.0: set BIFOCAL_TOKEN .*\n$/,
  ],
  [[], 'short', /^bifocal: BIFOCAL_TOKEN needs 16 characters or more.*\n$/],
])('does not start with %o and token %s', async (args, token, line) => {
  const env = { ...process.env, ...(token !== undefined && { BIFOCAL_TOKEN: token }) };
  const server = spawn(
    process.execPath,
    [entry, 'serve', '--port', String(await freePort()), ...args],
    { env },
  );
  let said = '';
  server.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise((resolve) => server.once('exit', resolve));
  expect(said).toMatch(line);
  expect(code).toBe(1);
});

/** Every method of every route file, at an address that fits it. */
async function everyRoute(): Promise<{ method: string; address: string }[]> {
  const app = path.join(root, 'app');
  const files = readdirSync(app, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('route.ts'),
  );
  const routes = files.map(async (file) => {
    const methods = Object.keys((await import(path.join(app, file))) as object);
    const address = `/${path.dirname(file)}`.replaceAll(/\[[^\]]+\]/g, '1');
    return methods.filter((name) => /^[A-Z]+$/.test(name)).map((method) => ({ method, address }));
  });
  return (await Promise.all(routes)).flat();
}
